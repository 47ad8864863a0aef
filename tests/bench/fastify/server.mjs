/*
 * A login as a good Node.js program does it: Fastify, Argon2id of the same
 * cost in a thread pool, an HS256 token. No limits, no database, no audit:
 * kind to the peer. argv: the socket, and a file with the accounts.
 */
import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hash, verify } from '@node-rs/argon2';
import Fastify from 'fastify';

const [socket, file] = process.argv.slice(2);
const COST = { algorithm: 2, memoryCost: 19456, timeCost: 2, parallelism: 1 };
const key = randomBytes(32);
const users = new Map();
const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

function sign(claims) {
  const text = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
  return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`;
}

for (const line of readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
  const { username, password } = JSON.parse(line);
  users.set(username, await hash(password, COST));
}
const app = Fastify();
app.post('/bench/fastify', async (request, reply) => {
  const { username, password } = request.body;
  const stored = users.get(username);
  if (!stored || !(await verify(stored, password))) return reply.code(401).send({ title: 'no' });
  const now = Math.floor(Date.now() / 1000);
  return { access_token: sign({ sub: username, jti: randomUUID(), iat: now, exp: now + 1800 }), token_type: 'bearer' };
});
await app.listen({ path: socket });
console.log('READY');
