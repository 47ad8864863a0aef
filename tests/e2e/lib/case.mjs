/*
 * Case files: what clients may rely on, one call a line.
 *
 *   case Bob cannot see Alice's strategy
 *   as alice POST /api/v1/strategies {"definition": @sma.json} -> 201 keep id
 *   as bob GET /api/v1/strategies/{id} -> 404 problem not_found
 *
 * A case is one test; its people are new accounts ("admin" is the one admin).
 * The body is JSON, or `form a=b`, or `text ...`; @name.json is a file of
 * tests/e2e/data; {name} is what an earlier step kept, or of a person
 * {alice.id}, {alice.name}, {alice.password}, {alice.access}, {alice.refresh},
 * {alice.tail} (the name without the nick), {alice.form} (the password in a form).
 * Indented lines belong to the step above: `with Header: value` goes into the
 * request, all others are checks, and the first may stand behind the status:
 *
 *   keep NAME [= PATH]              problem CODE
 *   json PATH = JSON | ~ REGEX | count N | absent
 *   header NAME = TEXT | ~ REGEX | absent
 *   body ~ REGEX | lacks TEXT | empty
 *
 * A PATH is names and indexes with dots between, "." is the whole document.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const data = fileURLToPath(new URL('../data/', import.meta.url));
const STEP = /^(?:as (\w+) )?([A-Z]+) (\S+)(?: (.*?))? -> (\d{3})(?: (.*))?$/;

export function parseCases(text, file) {
  const cases = [];
  text.split('\n').forEach((line, i) => {
    const where = `${file}:${i + 1}`;
    if (/^\s*(#|$)/.test(line)) return;
    if (line.startsWith('case ')) {
      cases.push({ title: line.slice(5), steps: [] });
      return;
    }
    const steps = cases.at(-1)?.steps;
    if (!steps) throw new Error(`${where}: no case begun`);
    if (/^\s/.test(line)) {
      const more = line.trim();
      const list = more.startsWith('with ') ? 'headers' : 'checks';
      steps.at(-1)[list].push(more.replace(/^with /, ''));
      return;
    }
    const [, who, method, path, body, status, check] =
      STEP.exec(line) ?? assert.fail(`${where}: not a step: ${line}`);
    steps.push({ where, who, method, path, body, status: Number(status), headers: [], checks: check ? [check] : [] });
  });
  return cases;
}

function at(document, path) {
  if (path === '.') return document;
  return path.split('.').reduce((value, name) => value?.[name], document);
}

const filesOf = (text) =>
  text.replace(/@([\w-]+\.json)/g, (_, name) => JSON.stringify(JSON.parse(readFileSync(join(data, name), 'utf8'))));

const compare = {
  '=': (value, text) => assert.deepEqual(value, JSON.parse(filesOf(text))),
  '~': (value, text) => assert.match(String(value), new RegExp(text)),
  count: (value, text) => assert.equal(value?.length, Number(text)),
  absent: (value) => assert.equal(value, undefined),
};

const checks = {
  keep(answer, rest, kept) {
    const [, name, path] = /^(\w+)(?: = (\S+))?$/.exec(rest);
    const value = at(answer.json, path ?? name);
    assert.notEqual(value, undefined, `nothing at ${path ?? name}: ${answer.text}`);
    kept[name] = String(value);
  },
  problem(answer, code) {
    assert.match(answer.headers['content-type'] ?? '', /^application\/problem\+json/);
    const { json } = answer;
    assert.equal(json.code, code);
    assert.equal(json.status, answer.status);
    for (const name of ['type', 'title', 'detail', 'request_id']) assert.equal(typeof json[name], 'string', name);
  },
  json(answer, rest) {
    const [, path, how, text] = /^(\S+) (=|~|count|absent) ?(.*)$/.exec(rest);
    compare[how](at(answer.json, path), text);
  },
  header(answer, rest) {
    const [, name, how, text] = /^(\S+) (=|~|absent) ?(.*)$/.exec(rest);
    compare[how](answer.headers[name.toLowerCase()], how === '=' ? JSON.stringify(text) : text);
  },
  body(answer, rest) {
    const [, how, text] = /^(~|lacks|empty) ?(.*)$/.exec(rest);
    if (how === '~') assert.match(answer.text, new RegExp(text));
    else assert.ok(how === 'empty' ? answer.text === '' : !answer.text.includes(text), answer.text);
  },
};

function fill(text, kept, people) {
  return text.replace(/\{([a-z_]\w*)(?:\.(\w+))?\}/g, (whole, name, member) => {
    const value = member ? people[name]?.[member] : kept[name];
    assert.notEqual(value, undefined, `unknown ${whole}`);
    return value;
  });
}

function bodyAndType(text) {
  if (text === undefined) return {};
  if (text.startsWith('form ')) return { body: text.slice(5), type: 'application/x-www-form-urlencoded' };
  if (text.startsWith('text ')) return { body: text.slice(5), type: 'text/plain' };
  return { body: filesOf(text), type: 'application/json' };
}

async function runStep(step, people, everyone, kept) {
  if (step.who && !people[step.who])
    people[step.who] = step.who === 'admin' ? await everyone.admin() : await everyone.make(step.who);
  const { body, type } = bodyAndType(step.body);
  const headers = type ? { 'Content-Type': type } : {};
  for (const line of step.headers) {
    const [, name, value] = /^([^:]+): ?(.*)$/.exec(line);
    headers[name] = fill(value, kept, people);
  }
  const answer = await everyone.client.send(step.method, fill(step.path, kept, people), {
    headers, body: body && fill(body, kept, people), token: people[step.who]?.access,
  });
  assert.equal(answer.status, step.status, answer.text);
  for (const line of step.checks) {
    const [, kind, rest] = /^(\w+) ?(.*)$/.exec(line);
    (checks[kind] ?? assert.fail(`unknown check: ${line}`))(answer, fill(rest, kept, people), kept);
  }
}

export async function runCase(one, everyone) {
  const people = {};
  const kept = {};
  for (const step of one.steps) {
    try {
      await runStep(step, people, everyone, kept);
    } catch (error) {
      error.message = `${step.where}: ${step.method} ${step.path}\n${error.message}`;
      throw error;
    }
  }
}
