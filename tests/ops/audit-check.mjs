/*
 * Checks an export of the audit log from the words of docs/audit.md alone:
 *   node tests/ops/audit-check.mjs KEYS EXPORT
 * Exit status 1 at the first row that does not follow. Shares no code with
 * Kontor.
 */
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';

const [keysPath, exportPath] = process.argv.slice(2);
const keys = new Map(readFileSync(keysPath, 'utf8').split('\n').filter(Boolean)
  .map((line) => line.split(' ')).map(([id, hex]) => [id, Buffer.from(hex, 'hex')]));

function number(value) {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}

function text(value) {
  if (value === null) return [Buffer.from([0]), number(0)];
  const bytes = Buffer.from(value, 'utf8');
  return [Buffer.from([1]), number(bytes.length), bytes];
}

let before = Buffer.alloc(32);
let last = 0;
for (const line of readFileSync(exportPath, 'utf8').split('\n').filter(Boolean)) {
  const row = JSON.parse(line);
  const mac = createHmac('sha256', keys.get(row.key_id))
    .update(Buffer.concat([
      Buffer.from('kontor audit 1\0'), before, number(row.seq), number(Date.parse(row.at)),
      ...[row.event, row.result, row.actor, row.object, row.address, row.request_id, row.detail, row.key_id].flatMap(text),
    ])).digest();
  if (row.seq !== last + 1 || mac.toString('hex') !== row.mac) {
    console.log(`row ${row.seq} does not follow`);
    process.exit(1);
  }
  before = mac;
  last = row.seq;
}
console.log(`${last} rows`);
