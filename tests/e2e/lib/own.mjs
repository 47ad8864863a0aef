/* An installation for one test alone: with other settings, or to be broken. */
import { existsSync } from 'node:fs';
import { People } from './people.mjs';

/* work gets the context with that stack in it, and its people and client. What
   the stack logged is shown when work fails, and searched for complaints of
   the sanitizers at the end. */
export async function withStack(context, options, work) {
  const stack = context.makeStack({ workers: [1, 1], ...options });
  try {
    await stack.start();
    return await work({ ...context, stack, people: new People(stack), client: stack.client });
  } catch (error) {
    error.stack += `\n${stack.logged()}`;
    throw error;
  } finally {
    if (stack.child && existsSync(`/proc/${stack.child.pid}`)) await stack.stop();
    context.stack.oldLogs += stack.oldLogs;
    stack.remove();
  }
}
