/*
 * The names in PromQL against what Kontor prints.
 *
 *   node tests/ops/names.mjs METRICS <EXPRESSIONS
 *
 * METRICS is a file of the text format, EXPRESSIONS one expression a line
 * (promtool has parsed them before). Prints a line for each name or label that
 * Kontor does not print; "used NAME" for each family that is used.
 */
import { readFileSync } from 'node:fs';

const text = readFileSync(process.argv[2], 'utf8');
const types = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name, type]));
const labels = new Map();
for (const [, name, inside] of text.matchAll(/^([a-z_]+)\{(.*)\} \S+$/gm))
  labels.set(name, new Set([...inside.matchAll(/([a-z_]+)="/g)].map(([, label]) => label)));

/* Of Prometheus, not of Kontor. */
const foreign = new Set(['up']);
const added = ['job', 'instance'];
const grouping = /\b(by|without|on|ignoring|group_left|group_right)\s*\(([^()]*)\)/g;
const words = new Set(['and', 'or', 'unless', 'bool', 'offset', 'inf', 'nan']);

/* The family of a name as it stands in an expression. */
function familyOf(name) {
  if (types.has(name)) return types.get(name) === 'histogram' ? undefined : name;
  const base = name.replace(/_(bucket|sum|count)$/, '');
  return types.get(base) === 'histogram' ? base : undefined;
}

function inspect(expression) {
  const used = new Set();
  const wanted = new Set();
  let rest = expression.replace(grouping, (_, __, list) => {
    list.split(',').forEach((label) => label.trim() && wanted.add(label.trim()));
    return ' ';
  });
  rest = rest.replace(/([A-Za-z_:][\w:]*)?\{([^{}]*)\}/g, (_, name, inside) => {
    for (const [, label] of inside.matchAll(/([A-Za-z_]\w*)\s*(?:=~|!~|!=|=)\s*"(?:[^"\\]|\\.)*"/g)) wanted.add(label);
    return ` ${name ?? ''} `;
  });
  rest = rest.replace(/\[[^\]]*\]/g, ' ').replace(/\b\d+(\.\d+)?(e[+-]?\d+)?\b/gi, ' ');
  for (const [, name, call] of rest.matchAll(/([A-Za-z_:][\w:]*)(\s*\()?/g)) {
    if (call !== undefined || words.has(name.toLowerCase()) || foreign.has(name)) continue;
    const family = familyOf(name);
    if (family) used.add(name);
    else console.log(`${name} is no name of Kontor's: ${expression}`);
    if (family) console.log(`used ${family}`);
  }
  /* families whose lines appear with their first use say nothing of labels */
  const known = [...used].map((name) => labels.get(name));
  if (known.some((set) => !set)) return;
  for (const label of wanted)
    if (used.size && !added.includes(label) && !known.some((set) => set.has(label)))
      console.log(`no label ${label}: ${expression}`);
}

readFileSync(0, 'utf8').split('\n').filter(Boolean).forEach(inspect);
