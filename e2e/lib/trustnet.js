// The program under test, started as its users start it.

import { createHmac, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort, graphql, runProgram, startProgram } from './program.js';

/** The built program: scripts/test names it. */
export const TRUSTNET = resolve(process.env.TRUSTNET_BIN || '../target/debug/trustnet');

/** The JSON document that a program has printed, once it is whole. */
function printed(stdout) {
  try {
    return JSON.parse(stdout);
  } catch {
    return undefined;
  }
}

/**
 * Starts `trustnet demo` on free ports.
 *
 * @returns {Promise<{addresses: Record<string, string>, administrators: object[], users: object[],
 *   stop: () => Promise<void>}>}
 */
export async function startDemo(...args) {
  const program = await startProgram(TRUSTNET, ['demo', '--port', '0', '--json', ...args], {
    ready: (stdout) => printed(stdout)?.addresses.services,
  });
  return { ...printed(program.stdout()), stop: program.stop };
}

/** The salted hash under which the ledger keeps a service's client secret. */
export function secretHash(secret) {
  const salt = randomBytes(16);
  const purpose = Buffer.from('client secret');
  const length = Buffer.alloc(8);
  length.writeBigUInt64BE(BigInt(purpose.length));
  const digest = createHmac('sha256', salt).update(length).update(purpose).update(secret).digest('hex');
  return `s256.${salt.toString('hex')}.${digest}`;
}

/**
 * Founds a ledger in a scratch directory with `trustnet init`, and serves it with a proxy for the
 * environments test and preproduction.
 *
 * @returns {Promise<object>} `issuers` by environment; `ask` a GraphQL query; `command` gives a
 *   command that must be accepted and returns the streams it wrote; `refusal` gives one that must
 *   not be and returns why; `stop`
 */
export async function startTrustnet() {
  const scratch = await mkdtemp(join(tmpdir(), 'trustnet-e2e-'));
  const data = join(scratch, 'data');
  const founding = JSON.parse((await runProgram(TRUSTNET, ['init', '--template'])).stdout);
  // A ledger for demonstrations takes test organisations into every environment.
  founding.purpose = 'DEMO';
  const foundingFile = join(scratch, 'founding.json');
  await writeFile(foundingFile, JSON.stringify(founding));
  const init = await runProgram(TRUSTNET, ['init', '--data', data, '--machine-credential', '--json', foundingFile]);
  if (init.code !== 0) throw new Error(`init ended with ${init.code}: ${init.stderr}`);
  const { machineCredential } = JSON.parse(init.stdout);

  const [apiPort, proxyPort] = await Promise.all([freePort('127.0.0.51'), freePort('127.0.0.1')]);
  const api = `http://127.0.0.51:${apiPort}`;
  // One socket, two names of this machine: the proxy tells its environments apart by the host.
  const issuers = {
    TEST: `http://127.0.0.1:${proxyPort}`,
    PREPRODUCTION: `http://localhost:${proxyPort}`,
  };
  const config = join(scratch, 'trustnet.toml');
  await writeFile(
    config,
    `[data]
directory = '${data}'
[api]
listen = '127.0.0.51:${apiPort}'
address = '${api}'
[proxy]
name = 'e2e'
listen = '127.0.0.1:${proxyPort}'
[[proxy.environments]]
environment = 'test'
issuer = '${issuers.TEST}'
[[proxy.environments]]
environment = 'preproduction'
issuer = '${issuers.PREPRODUCTION}'
[log]
level = 'warn'
`,
  );
  const program = await startProgram(TRUSTNET, ['serve', '--config', config], { ready: `${api}/health/ready` });

  const ask = (query, variables) => graphql(`${api}/graphql`, machineCredential, query, variables);
  async function give(name, input) {
    const type = `${name[0].toUpperCase()}${name.slice(1)}Input!`;
    const answer = await ask(
      `mutation Command($input: ${type}) { ${name}(input: $input) {
         position committed { streams { name } } errors { code field message remedy } } }`,
      { input },
    );
    return answer[name];
  }
  return {
    issuers,
    ask,
    async command(name, input) {
      const payload = await give(name, input);
      if (payload.errors.length) throw new Error(`${name}: ${JSON.stringify(payload.errors)}`);
      // Read at the new position, so that what follows meets it.
      await ask(`{ network(minPosition: ${payload.position}) { position } }`);
      return payload.committed.streams.map((stream) => stream.name);
    },
    async refusal(name, input) {
      const payload = await give(name, input);
      if (!payload.errors.length) throw new Error(`${name} was accepted`);
      return payload.errors[0];
    },
    async stop() {
      await program.stop();
      await rm(scratch, { recursive: true });
    },
  };
}

/** The typed id of what a command created, such as `service:…`, from the streams it wrote. */
export function created(streams, kind) {
  const name = streams.find((stream) => stream.startsWith(`${kind}/`));
  return name.replace('/', ':');
}
