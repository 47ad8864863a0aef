/* The README's tour is run as it stands there: the ```sh block whose first
   line begins with "# tour". It asks the server that KONTOR names. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../lib/stack.mjs';

const bash = (script, env, cwd) =>
  new Promise((resolve) => {
    const child = spawn('bash', ['-eu', '-o', 'pipefail', '-c', script], { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (text += part));
    child.on('exit', (code) => resolve({ code, text }));
  });

export const tests = [
  ['the README\'s tour works as it is written', async ({ stack }) => {
    const readme = readFileSync(join(root, 'README.md'), 'utf8');
    const block = [...readme.matchAll(/```sh\n(# tour[\s\S]*?)```/g)].map((match) => match[1]).join('\n');
    assert.ok(block, 'README.md has no ```sh block that begins with "# tour"');
    const env = { PATH: process.env.PATH, HOME: stack.folder, KONTOR: stack.url };
    const { code, text } = await bash(block, env, root);
    assert.equal(code, 0, text);
    const problems = [...text.matchAll(/"code":"(\w+)"/g)].map((match) => match[1]);
    assert.deepEqual(problems, ['token_revoked'], text);
    for (const word of ['"hint":"', '"status":"done"', 'Logged out successfully', 'Token has been revoked'])
      assert.ok(text.includes(word), `${word} is not in\n${text}`);
  }],
];
