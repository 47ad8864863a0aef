// How a request goes wrong, on command. Each kind says when the exchange is
// asked (before, after, never) and what goes over the wire.

const head = (reply, length) => [`HTTP/1.1 ${reply.status} X`, 'Content-Type: application/json',
  ...Object.entries(reply.headers).map(([name, value]) => `${name}: ${value}`),
  `Content-Length: ${length}`, '', ''].join('\r\n');

const whole = (reply) => head(reply, Buffer.byteLength(reply.body)) + reply.body;

export const kinds = {
  // the connection ends, and the request was never seen
  drop_before: ({ socket }) => socket.destroy(),
  // it was carried out, and nobody hears of it
  drop_after: ({ socket, carryOut }) => { carryOut(); socket.destroy(); },
  // the same with a connection that stays open and silent
  hold_after: ({ carryOut }) => { carryOut(); },
  // still under way: carried out when the test says "release"
  hold_before: ({ carryOut, held }) => { held.push(carryOut); },
  // carried out, then an answer that says something else
  answer_after: ({ send, carryOut, plan }) => { carryOut(); send(plan); },
  // never carried out
  answer_before: ({ send, plan }) => send(plan),
  // ends in the middle of the body
  half: ({ socket, carryOut }) => {
    const reply = carryOut();
    socket.write(head(reply, Buffer.byteLength(reply.body)) + reply.body.slice(0, reply.body.length / 2), () => socket.destroy());
  },
  // one byte at a time, for ever
  drip: ({ socket, carryOut }) => {
    const reply = carryOut();
    const bytes = whole({ ...reply, body: reply.body.padEnd(1_000_000) });
    let at = 0;
    const timer = setInterval(() => socket.write(bytes[at++]), 20);
    socket.on('close', () => clearInterval(timer)).on('error', () => {});
  },
  huge: ({ send, carryOut, plan }) => { carryOut(); send({ body: '['.padEnd(plan.bytes, ' ') }); },
  huge_header: ({ send, carryOut }) => {
    const reply = carryOut();
    send({ ...reply, headers: Object.fromEntries([...Array(100).keys()].map((n) => [`X-${n}`, 'x'.repeat(1000)])) });
  },
  // the answer, and once more on the same connection
  twice: ({ socket, carryOut }) => { const reply = carryOut(); socket.write(whole(reply) + whole(reply)); },
  // carried out, but the answer is the one before of the same kind
  swap: ({ send, carryOut, before }) => { carryOut(); send(before); },
};
