// Starting and stopping a program under test, and asking it over GraphQL.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const START_MS_MAX = 30_000;
const STOP_MS_MAX = 10_000;

/** A port of `host` that is free now. The program takes it a moment later; nobody else here wants it. */
export async function freePort(host) {
  const server = createServer();
  server.listen(0, host);
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/**
 * Starts a program and waits until it says that it is ready.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {object} options
 * @param {string | ((stdout: string) => string | undefined)} options.ready the address that answers
 *   200 once the program is ready, or how it is read from what the program has printed so far
 * @param {object} [options.env] environment variables besides those of the tests
 * @returns {Promise<{output: () => string, stdout: () => string, stop: () => Promise<void>}>} `stop`
 *   asks it to end and fails if it does not end well
 */
export async function startProgram(command, args, { ready, env = {} }) {
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let stdout = '';
  child.stdout.on('data', (text) => (stdout += text));
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => (output += text));
  }
  const ended = new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(signal ?? code));
  });
  const told = () => `${command} ${args.join(' ')}\n${output}`;

  let end;
  ended.then(
    (how) => (end = how),
    (error) => (end = error.message),
  );
  const deadline = Date.now() + START_MS_MAX;
  for (;;) {
    if (end !== undefined) throw new Error(`ended (${end}) before it was ready: ${told()}`);
    const address = typeof ready === 'function' ? ready(stdout) : ready;
    const answer = address && (await fetch(address).catch(() => undefined));
    await answer?.body?.cancel();
    if (answer?.status === 200) break;
    if (Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`not ready within ${START_MS_MAX} ms: ${told()}`);
    }
    await pause(50);
  }

  return {
    output: () => output,
    stdout: () => stdout,
    async stop() {
      child.kill('SIGTERM');
      const how = await Promise.race([ended, pause(STOP_MS_MAX, 'late', { ref: false })]);
      if (how === 'late') child.kill('SIGKILL');
      if (how !== 0) throw new Error(`did not end well (${how}): ${told()}`);
    },
  };
}

/**
 * Runs a program to its end.
 *
 * @returns {Promise<{code: number, stdout: string, stderr: string}>}
 */
export async function runProgram(command, args, { env = {} } = {}) {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
  const [code] = await once(child, 'close');
  return { code, stdout, stderr };
}

/**
 * Asks over GraphQL. Faults and refusals both fail the test, unless a refusal is what it wants to
 * see: then it selects `errors` itself and looks at what it got.
 *
 * @param {string} address of the GraphQL endpoint
 * @param {string} credential a machine's bearer
 */
export async function graphql(address, credential, query, variables = {}) {
  const answer = await fetch(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${credential}` },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await answer.json();
  if (errors) throw new Error(`GraphQL: ${JSON.stringify(errors)}`);
  return data;
}
