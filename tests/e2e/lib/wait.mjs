/* Waiting for something to become true: polled, with a deadline, never a
   fixed sleep. */
export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

export async function until(what, probe, seconds = 20) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (Date.now() > end) throw new Error(`not within ${seconds} s: ${what}`);
    await pause(20);
  }
}
