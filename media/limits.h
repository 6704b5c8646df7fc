/* limits.h - every bound of the media core that is not a wire format's own, each with its reason. */
#ifndef LIMITS_H
#define LIMITS_H

#include "units.h"

/* Sequence numbers (RFC 3550 appendix A.1). */
enum {
  SEQ_WINDOW = 1024, /* packets told apart from duplicates: as SRTP's replay window; no retransmission is older */
  SEQ_MAX_DROPOUT = 3000, /* a longer jump needs a second packet to confirm it (RFC 3550's own value) */
};

/* Recovery. */
enum {
  NACK_WINDOW = 256,       /* holes followed at once: more is an outage, and a key frame is cheaper */
  NACK_MAX_TRIES = 8,      /* at 30 % loss each way all fail once in 200; in NACK_PATIENCE there are more, or few */
  NACK_AT_ONCE = 3,        /* requests under way where many are lost: at 10 % each way, one in 150 is in vain */
  NACK_GRACE_MEMORY = 256, /* packets in order until most of a grace is forgotten: some seconds */
  NACK_YOUNG = 30,         /* pictures, in which neither the loss nor the round trip is known yet */
  NACK_BEFORE = 16,    /* packets asked for before the first that came: a mask's, and most of a first key frame */
  NACK_BATCH = 64,     /* sequence numbers in one feedback packet: 64 PID/BLP pairs at worst, 268 bytes */
  RESENDS_MAX = 40,    /* of one packet, whatever the peer asks: one each NACK_RTT_MIN of NACK_PATIENCE */
  RESEND_PERCENT = 30, /* of the target rate: repairs 20 % loss; more would feed the congestion that lost it */
  SENT_AUDIO_PACKETS = 128,  /* kept for retransmission: over 1 s at 10 ms */
  SENT_VIDEO_PACKETS = 1024, /* the pacer's queue, and as many sent ones: 2 s at 2.5 Mbit/s */
};
#define SENT_AGE             SEC(3)  /* of what may be asked for: a long queue, a round trip, the peer's patience */
#define NACK_GRACE_MIN       MS(10)  /* most reordering resolves itself sooner; 2 ms starved sound at 50 kbit/s */
#define NACK_GRACE_MAX       MS(40)  /* what reorders more is asked for in vain now and then */
#define NACK_RTT_DEFAULT     MS(100) /* until measured */
#define NACK_RTT_MIN         MS(10)  /* asking again sooner only doubles what is under way */
#define NACK_AT_ONCE_RTT_MAX MS(300) /* beyond it the answer is late anyway, and such links are narrow */
#define NACK_PATIENCE        MS(400) /* of video: longer is an outage, and a key frame cheaper */
#define NACK_AUDIO_RTT_MAX   MS(150) /* beyond it the answer comes after the playout gave up */
#define FEEDBACK_SPACING     MS(5)   /* between two NACK packets: a burst of loss is one packet */
#define KEY_REQUEST_SPACING  MS(500) /* between two PLIs, and two key frames made: VP9's cost 130 ms each */
#define RESEND_BURST         MS(500) /* of unused RESEND_PERCENT, kept for a burst of loss */
#define OUTAGE               MS(500) /* nothing came for so long: what was lost is too old to be heard or seen */
#define VIDEO_PAUSE          SEC(3)  /* without a frame: video was off, and starts again with a key frame */

/* Copies of sound (congestion/audio_steps.h). */
enum {
  STEPS_MEMORY = 1024,      /* packets: 10 s of 10 ms frames */
  STEPS_RECENT = 256,       /* of them */
  STEPS_RECENT_MISSING = 2, /* of the recent ones, with the copies there are: one copy more */
  STEPS_MISSING = 3,        /* of all, the same: 0.3 % */
  STEPS_FORGIVEN = 1,       /* of all, with a copy less: it is enough */
  STEPS_OUTAGE = 16,        /* packets lost in a row: more is no loss that copies help */
  LOSS_OF_A_COPY = 5,       /* per cent of packets that one copy more goes with, for the encoder to know */
  STEPS_INBAND_TAKE = 30,   /* per mille lost, from which in-band FEC gains more than it takes of the frame; */
  STEPS_INBAND_LEAVE = 15,  /* and below which it is left */
  STEPS_INBAND_LOSS = 7,    /* per cent that the codec is told with it: with more, it takes too much for it */
  STEPS_SHARE_PERCENT = 45, /* of the rate, for sound beside pictures: it is heard first, and more is hardly heard;
                               what is taken already may be a third more */
  STEPS_ALONE_PERCENT = 60, /* without pictures */
  STEPS_SPARE_PERCENT = 10, /* of the rate: hardly missed, so 10 ms frames are taken for their delay alone */
  STEPS_YOUNG = 12,         /* packets that a call begins with, of 10 ms: 120 ms */
};
#define STEPS_PATIENCE       SEC(10)
#define STEPS_INBAND_RTT_MIN MS(60) /* below it what is asked for again comes in time, and whole */

/* Parity of pictures (congestion/fec_steps.h). */
enum {
  FEC_MEMORY = 512,         /* packets: 2 s at 2.5 Mbit/s */
  FEC_PACKETS_MIN = 20,     /* that tell a fraction: those of the first few pictures; */
  FEC_LOST_MIN = 2,         /* and so many lost of them: one alone is no habit */
  FEC_LOSS_LITTLE = 15,     /* per mille, from which there is parity; */
  FEC_LOSS_SOME = 50,       /* more; */
  FEC_LOSS_MUCH = 150,      /* and most */
  FEC_RUN_TENTHS = 20,      /* packets of a mean run of losses: with longer ones, little helps as much as more */
  FEC_LITTLE = 15,          /* percent of the packets: brings back seven of eight losses of 2 % */
  FEC_SOME = 35,            /* the same of 10 % */
  FEC_MUCH = 50,            /* more than half of the losses of 20 %; beyond it the picture suffers more */
  LAYERS_PACKETS_MIN = 256, /* that tell for layers: with less, 10 % of loss may look like it */
  LAYERS_LOSS = 250,        /* per mille, from which parity leaves too many frames to be asked for again */
};
#define FEC_ROUND_TRIP_MIN MS(30) /* a frame takes as long to arrive, and its parity comes last */
#define FEC_RATE_MIN       ((bps)100000)
#define FEC_PATIENCE       SEC(10)

/* Pacing. */
enum {
  PACER_AUDIO = 64,       /* packets: over 0.6 s at 10 ms, never reached while somebody drains */
  PACER_RETRANSMIT = 256, /* what a peer may have asked for at once: NACK_WINDOW */
  PACER_VIDEO = 512,      /* one frame of FRAME_BUFFER_FRAME_MAX bytes, no more can be decoded */
};
#define PACER_BURST MS(5)   /* credit kept when idle: a few packets a tick, no more */
#define PACER_AHEAD MS(5)   /* sent early where nothing is in its way: a picture in one or two batches */
#define PACER_DEBT  MS(100) /* what unpaced audio may cost the others, at most */
#define PACER_DRAIN SEC(1)  /* the queue leaves in this time whatever the rate: late video is useless */
enum {
  PACER_FREE_PERCENT = 400,  /* of the target: a frame leaves in a quarter of its interval, nothing is in its way */
  PACER_NEAR_PERCENT = 110,  /* near the bottleneck's rate: what leaves faster waits there, before the sound */
  PACER_LOSSY_PERCENT = 120, /* where packets are lost: there may be a short queue */
};

/* Constant rate. */
enum { CONSTANT_AUDIO_WAIT = 2 };  /* frames that may wait for their slot: more come of a faster sound card */
#define CONSTANT_TICK      MS(20)  /* Opus' frame */
#define CONSTANT_STEP      SEC(60) /* between two changes of the rate (protocol F) */
#define CONSTANT_CATCH_UP  MS(100) /* of ticks after a stall: later, what they carried is too late */
#define CONSTANT_SLOT_RATE ((bps)(648 * 8 * 50)) /* a video slot a tick: 600 bytes, and 48 of IP, UDP and SRTP */

/* Congestion control feedback (RFC 8888). */
enum {
  ARRIVALS = 512,                     /* packets of a stream not older than this are told of: two reports' */
  FEEDBACK_SENT = 2048,               /* packets of a stream that feedback may still come for: 1 s at 20 Mbit/s */
  FEEDBACK_RESULTS = 1024,            /* of one datagram: two streams' reports, and what was sent again meanwhile */
  FEEDBACK_PERCENT = 5,               /* of what we may send: feedback at most (RFC 3550 section 6.2's share) */
  FEEDBACK_SIZE = 160,                /* bytes of a usual one on the wire */
  FEEDBACK_SAVED = 8 * FEEDBACK_SIZE, /* of its share, for when less comes: that may be a queue */
  PACKET_OVERHEAD = 48, /* bytes around a plain RTP packet: IP 20, UDP 8, SRTP 16, and four for IPv6's part */
};
#define FEEDBACK_BEHIND       MS(500) /* what was sent so long before a packet that came, and did not, is lost */
#define FEEDBACK_INTERVAL_MIN MS(25)  /* a queue of 200 ms fills in 90 when a link narrows to a third */
#define FEEDBACK_INTERVAL_MAX MS(500) /* audio alone, over the narrowest links */

/* Rates: both media, payload and headers. */
#define RATE_MIN              ((bps)50000)    /* audio alone at its lower step */
#define RATE_START            ((bps)600000)   /* decent 360p; nearly any access link has it */
#define RATE_MAX              ((bps)2500000)  /* default: 720p30; the embedder may change it up to RATE_CEILING */
#define RATE_CEILING          ((bps)20000000) /* what the pacer's and the history's sizes are good for */
#define RATE_AUDIO            ((bps)32000)    /* Opus, hard constant rate: full-band speech */
#define RATE_AUDIO_LOW        ((bps)16000)    /* wide-band speech: the step taken when nothing else is left */
#define RATE_AUDIO_OVERHEAD   ((bps)24000)    /* 50 packets/s of 60 bytes IP, UDP, RTP and SRTP */
#define RATE_VIDEO_MIN        ((bps)60000)    /* less than that is no picture: send none */
#define RATE_UNPROVEN         ((bps)250000)   /* grow to here even unused: else video, once off, stayed off */
#define RATE_FEEDBACK_TIMEOUT SEC(1)          /* sending without feedback: several in a row were lost */
#define RATE_FEEDBACK_LATEST  SEC(3)          /* where it usually comes late */
#define RATE_REPORT_TIMEOUT   SEC(4)          /* the same of receiver reports, which come about once a second */
#define RATE_REPORT_SPACING   MS(200)         /* one loss may be told in the reports of both media */
enum {
  RATE_REPORT_GROWTH = 80, /* per mille a second, while reports tell of no loss */
  RATE_REPORT_FEW = 20,    /* per mille lost: no reason to send less, nor more beyond it */
  RATE_REPORT_MANY = 100,
  RATE_START_GROWTH = 500,       /* per mille a second, until the first sign of congestion */
  RATE_FREE_GROWTH = 200,        /* with no queue and no bottleneck known: doubles in 4 s */
  RATE_NEAR_GROWTH = 80,         /* near what was measured as the bottleneck's capacity */
  RATE_DAMPING = 3,              /* of the target, for each second that the queue has grown */
  RATE_HEADROOM_PERCENT = 150,   /* of what arrives: the target is no higher, for it is not proven */
  RATE_USED_PERCENT = 75,        /* of the target; sending less is the application's choice and proves nothing */
  RATE_VAIN = 3,                 /* times what arrives: no radio loses so much, and whose does has no call */
  RATE_AFTER_DRAIN_PERCENT = 95, /* of it, once the queue is gone */
  RATE_DRAIN_PERCENT = 50,       /* of the capacity, at least, while a queue drains */
  RATE_CHANGED_PERCENT = 70,     /* less of the rate is left after a queue: it is another link than was probed */
  RATE_YIELD_PERCENT = 80,       /* after a loss, beside a flow that fills queues: Cubic takes 70, Reno 50 */
};
/* Of a queue that we aim at: 6 ms at 500 kbit/s. Equal bits make equal shares. */
#define RATE_QUEUE_BITS    ((int64_t)3000)
#define RATE_QUEUE_MIN     MS(6)   /* clocks' grain and skew */
#define RATE_QUEUE_MAX     MS(40)  /* more is heard */
#define RATE_OVERUSE       MS(20)  /* beyond the aim, in two batches of feedback: the link is overused */
#define RATE_OVERUSE_ONCE  MS(40)  /* the same, in one */
#define RATE_BUSY          MS(5)   /* a packet that waited so long found the bottleneck busy */
#define RATE_DRAIN         MS(500) /* in which a queue is to be gone */
#define RATE_VAIN_PATIENCE SEC(2)  /* with that: what was sent before a drop of the rate still arrives */
#define RATE_COMPETE_AFTER SEC(3)  /* a queue that stays in spite of half the rate is somebody else's */
#define RATE_WAIT_SWAYS    MS(5)   /* and an eighth of it, while it drains in vain: queues of others sway more */
#define RATE_CAPACITY_AGE  SEC(10) /* for which a measured capacity is worth something */

/* Holding video back (congestion/hold.h). */
enum { HOLD_SPREADS = 3 };    /* mean deviations beyond the mean age of what feedback has not named */
#define HOLD_MORE_MIN MS(30)  /* and no less beyond it: a feedback packet may be lost */
#define HOLD_FIRST    MS(400) /* for the very first feedback: longer ways are narrow, or full already */
#define HOLD_LATE     MS(40)  /* what comes from the peer, or longer silence: feedback is late for a queue's sake */
#define HOLD_MOST     MS(500) /* after that it is no queue but an outage, maybe of feedback alone */
#define HOLD_EPISODE  MS(500) /* in which several holds are one */

/* Estimation. */
enum {
  DELIVERY_BATCHES = 32,
  DELIVERY_UNTOLD_PERCENT = 30, /* of what arrived, sent beside it and not told of: more hides a capacity */
  BWE_NEIGHBOURS = 16,          /* packets that one is compared with: a third of a second of sound */
  BWE_LOSS_PACKETS = 50,        /* that tell a fraction */
  BWE_LOSS_EXCESS = 30000,      /* parts in a million above the usual: less does no harm */
  BWE_LOSS_TEST_PERCENT = 80,   /* of the rate: a quarter more than the bottleneck carries loses a fifth */
  BWE_LOSS_GROWTH_PERCENT = 5,  /* a second, of a bound that was found */
};
enum {
  PROBE_PADS = 6,              /* a cluster of padding alone is so many packets, of SESSION_PACKET_MAX at most */
  PROBE_PACKETS = 5,           /* of a cluster that arrived: fewer tell nothing */
  PROBE_START_PERCENT = 300,   /* of the first target: most paths carry it, and the rest do not suffer long */
  PROBE_PERCENT = 200,         /* later */
  PROBE_THROUGH_PERCENT = 85,  /* of what was sent arrives as fast: the path carries it */
  PROBE_BELIEVED_PERCENT = 90, /* of what was measured: the measure is coarse */
  PACER_PADDING = 1,           /* made one at a time */
};
#define PROBE_LENGTH      MS(25)        /* times are told in milliseconds */
#define PROBE_RATE_MIN    ((bps)200000) /* what pictures take; 50 kbit/s carry it in 150 ms */
#define PROBE_WAIT_LOSSY  MS(1500)      /* two windows of losses */
#define PROBE_WAIT_MIN    SEC(3)
#define PROBE_WAIT_MAX    SEC(24)
#define PROBE_PICTURE     MS(200) /* since the last frame */
#define PROBE_PATIENCE    SEC(1)  /* for feedback on it */
#define DELIVERY_WINDOW   MS(500)
#define DELIVERY_BUSY_MIN MS(80)  /* shorter is too coarse a measure: packets are 16 ms long at 500 kbit/s */
#define BWE_BASE_WINDOW   SEC(10) /* the least delay of so long: a new path shows within twice that */
#define BWE_OVERTAKING    MS(50)  /* jitter is mostly less */
#define BWE_LOSS_WINDOW   SEC(1)
#define BWE_LOSS_SETTLE   MS(500) /* and a round trip: feedback on what was sent before the test */

/* RTCP. */
enum { RTCP_EARLY_REPORTS = 4 }; /* so that RTT and loss are known within the first second */
#define RTCP_EARLY_INTERVAL MS(200)
#define RTCP_INTERVAL       SEC(1) /* times 0.5..1.5 at random (RFC 3550 section 6.2); about 3 % of an audio call */
#define RTCP_LOSS_INTERVAL  MS(250) /* after a NACK, so that the sender slows down before it has filled a queue */
#define RTT_MAX             SEC(10) /* a longer one is a lie or a clock that jumped */

/* Between the session and who drains it. */
enum { AUDIO_ARRIVED = 32 }; /* packets handed to the playout at once: one batch of the socket's */

#endif
