/* Users for tests: each call makes a new account with a name and a password
   of its own, so that no test depends on another. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';

export const secretWord = (bytes = 12) => randomBytes(bytes).toString('hex');

export class People {
  constructor(stack) {
    this.stack = stack;
    this.secrets = []; /* what must never be found in a log */
  }

  get client() {
    return this.stack.client;
  }

  async login(person) {
    const answer = await this.client.send('POST', '/api/v1/auth/login', {
      body: { username: person.name, password: person.password },
    });
    assert.equal(answer.status, 200, answer.text);
    person.access = answer.json.access_token;
    person.refresh = answer.json.refresh_token;
    this.secrets.push(person.access, person.refresh);
    return person;
  }

  async make(nick) {
    const tail = `-${secretWord(4)}`;
    const person = { name: `${nick}${tail}`, tail, password: `pass ${secretWord()}` };
    person.form = encodeURIComponent(person.password);
    this.secrets.push(person.password);
    const answer = await this.client.send('POST', '/api/v1/auth/register', {
      body: { username: person.name, password: person.password },
    });
    assert.equal(answer.status, 201, answer.text);
    person.id = answer.json.id;
    return this.login(person);
  }

  /* The first admin, made once with the link that scripts/run printed. */
  async admin() {
    if (!this.theAdmin) {
      const person = { name: `admin-${secretWord(4)}`, password: `pass ${secretWord()}` };
      const token = this.stack.adminLink.split('/').pop();
      this.secrets.push(person.password, token);
      const answer = await this.client.send('POST', '/api/v1/auth/setup', {
        body: { token, username: person.name, password: person.password },
      });
      assert.equal(answer.status, 201, answer.text);
      this.theAdmin = { ...person, id: answer.json.id };
    }
    return this.login(this.theAdmin);
  }
}
