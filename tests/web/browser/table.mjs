// table.mjs - the table that `./run browser` prints, a row for each thing that must hold.

const rows = [];

/** @param {string} what @param {boolean} good @param {string} seen */
export function row(what, good, seen) {
  rows.push(good);
  console.log(`${good ? 'yes' : 'NO '}  ${what.padEnd(62)} ${seen}`);
}

/** The last line. @returns {boolean} whether all of it holds */
export function closeTable() {
  const short = rows.filter((good) => !good).length;
  console.log(short ? `\n${short} of ${rows.length} fall short` : `\nall ${rows.length} hold`);
  return short === 0;
}
