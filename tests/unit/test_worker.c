#include "engine/worker.h"

#include <semaphore.h>
#include <stdatomic.h>

#include "unit.h"

struct job {
  struct task task; /* first */
  sem_t started, go, done;
  atomic_int runs, released, pieces; /* pieces left after the next */
  struct job *after;                 /* must have run before */
  bool in_order;
};

static bool run_job(struct task *task) {
  struct job *job = (struct job *)(void *)task;
  atomic_fetch_add(&job->runs, 1);
  if (job->after)
    job->in_order = atomic_load(&job->after->runs) > 0;
  sem_post(&job->started);
  sem_wait(&job->go);
  return atomic_fetch_sub(&job->pieces, 1) > 0;
}

static void release_job(struct task *task) {
  struct job *job = (struct job *)(void *)task;
  atomic_fetch_add(&job->released, 1);
  sem_post(&job->done);
}

static void job_init(struct job *job) {
  memset(job, 0, sizeof *job);
  job->task = (struct task){.run = run_job, .release = release_job};
  sem_init(&job->started, 0, 0);
  sem_init(&job->go, 0, 0);
  sem_init(&job->done, 0, 0);
}

static void a_posted_task_runs_once_and_gives_its_reference_back(void **state) {
  (void)state;
  struct job job;
  struct worker *worker;
  job_init(&job);
  need(worker = worker_new("test"));
  sem_post(&job.go);
  assert_true(worker_post(worker, &job.task));
  sem_wait(&job.done);
  assert_int_equal(job.runs, 1);
  assert_int_equal(job.released, 1);
  worker_free(worker);
  worker_free(NULL);
  assert_int_equal(job.released, 1);
}

static void a_task_is_queued_once_however_often_it_is_posted(void **state) {
  (void)state;
  struct job busy, job;
  struct worker *worker;
  job_init(&busy);
  job_init(&job);
  need(worker = worker_new("test"));
  assert_true(worker_post(worker, &busy.task));
  sem_wait(&busy.started);
  assert_true(worker_post(worker, &job.task));
  assert_false(worker_post(worker, &job.task));
  assert_false(worker_post(worker, &job.task));
  sem_post(&busy.go);
  sem_post(&job.go);
  sem_wait(&job.done);
  worker_free(worker);
  assert_int_equal(job.runs, 1);
  assert_int_equal(job.released, 1);
}

static void posted_while_it_runs_it_runs_again_with_its_own_reference(void **state) {
  (void)state;
  struct job job;
  struct worker *worker;
  job_init(&job);
  need(worker = worker_new("test"));
  assert_true(worker_post(worker, &job.task));
  sem_wait(&job.started);
  assert_true(worker_post(worker, &job.task)); /* under way, not queued: a second reference */
  atomic_store(&job.pieces, 1);                /* and it says itself that there is more */
  sem_post(&job.go);
  sem_post(&job.go);
  sem_wait(&job.done);
  sem_wait(&job.done);
  worker_free(worker);
  assert_int_equal(job.runs, 2);
  assert_int_equal(job.released, 2);
}

static void a_task_with_more_to_do_lets_the_others_go_first(void **state) {
  (void)state;
  struct job first, second;
  struct worker *worker;
  job_init(&first);
  job_init(&second);
  first.pieces = 1;
  need(worker = worker_new("test"));
  assert_true(worker_post(worker, &first.task));
  sem_wait(&first.started);
  assert_true(worker_post(worker, &second.task));
  sem_post(&first.go);
  sem_wait(&second.started); /* before the first task's second piece */
  assert_int_equal(first.runs, 1);
  sem_post(&second.go);
  sem_post(&first.go);
  sem_wait(&first.done);
  worker_free(worker);
  assert_int_equal(first.runs, 2);
  assert_int_equal(first.released, 1);
}

static void stopping_finishes_the_piece_under_way_and_releases_the_rest(void **state) {
  (void)state;
  struct job busy, waiting;
  struct worker *worker;
  job_init(&busy);
  job_init(&waiting);
  busy.pieces = 5;
  need(worker = worker_new("test"));
  assert_true(worker_post(worker, &busy.task));
  sem_wait(&busy.started);
  assert_true(worker_post(worker, &waiting.task));
  for (int i = 0; i < 8; i++) { /* whichever of them still runs, it need not wait */
    sem_post(&busy.go);
    sem_post(&waiting.go);
  }
  worker_stop(worker);
  assert_int_equal(busy.released, 1);
  assert_int_equal(waiting.released, 1);
  assert_false(worker_post(worker, &waiting.task)); /* a late write: refused, and no crash */
  worker_free(worker);
}

UNIT_TESTS(test(a_posted_task_runs_once_and_gives_its_reference_back),
           test(a_task_is_queued_once_however_often_it_is_posted),
           test(posted_while_it_runs_it_runs_again_with_its_own_reference),
           test(a_task_with_more_to_do_lets_the_others_go_first),
           test(stopping_finishes_the_piece_under_way_and_releases_the_rest))
