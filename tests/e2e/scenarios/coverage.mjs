/* A route that no test called with success is a route without a test. */
import assert from 'node:assert/strict';
import { routesOf } from './isolation.mjs';

/* What probes ask for needs no prefix. */
const prefix = (path) => (/^\/(health|metrics)/.test(path) ? '(/api(/v1)?)?' : '/api(/v1)?');
const pattern = (path) => new RegExp(`^${prefix(path)}${path.replace(/\{\w+\}/g, '[^/]+')}$`);

export const tests = [
  ['every route was called, and answered with success at least once', async ({ stack, client, options }) => {
    if (options.only) return 'skipped: not all tests ran';
    const called = client.calls.map((call) => ({ ...call, path: call.path.split('?')[0] }));
    const routes = routesOf(stack);
    const missing = routes.filter((route) => {
      const matches = pattern(route.path);
      return !called.some((call) => call.method === route.method && call.status < 300 && matches.test(call.path));
    });
    assert.deepEqual(missing.map((route) => `${route.method} ${route.path}`), []);
    return `${routes.length} routes, ${called.length} calls`;
  }],
];
