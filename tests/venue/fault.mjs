// What the exchange says when it says no.

export class Fault extends Error {
  constructor(code, msg, status = 400, headers = {}) {
    super(msg);
    Object.assign(this, { code, status, headers });
  }

  answer() {
    return {
      status: this.status,
      headers: this.headers,
      body: JSON.stringify({ code: this.code, msg: this.message }),
    };
  }
}

export const filter = (name) => new Fault(-1013, `Filter failure: ${name}`);
export const rejected = (msg) => new Fault(-2010, msg);
