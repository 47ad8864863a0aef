/* The processes below one of ours, read from /proc. Must never name a process
   any other way, so that no test ends what it did not start. */
import { readFileSync } from 'node:fs';

const read = (path) => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; /* it has ended meanwhile */
  }
};

const fields = (pid) => {
  const stat = read(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
};
export const state = (pid) => fields(pid)[0] || 'gone';
export const isAlive = (pid) => !['gone', 'Z'].includes(state(pid));
export const ticks = (pid) => Number(fields(pid)[11] ?? 0) + Number(fields(pid)[12] ?? 0);

export const commandOf = (pid) =>
  read(`/proc/${pid}/cmdline`).split('\0').filter(Boolean);

export const childrenOf = (pid) =>
  read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number);

export const below = (pid) =>
  childrenOf(pid).flatMap((child) => [child, ...below(child)]);
