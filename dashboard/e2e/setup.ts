import { spawn, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { once } from 'node:events';

interface Demo {
  addresses: { api: string };
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port is free');
  return address.port;
}

/** What a program prints until it can be read as JSON. */
async function readDemo(child: ChildProcess): Promise<Demo> {
  let text = '';
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  for await (const chunk of child.stdout ?? []) {
    text += String(chunk);
    try {
      return JSON.parse(text) as Demo;
    } catch {
      // More is to come.
    }
  }
  throw new Error(`the demo did not start: ${complaint}`);
}

/** Asks by address and name: `*.localhost` is the browser's own knowledge. */
async function answers(address: string, accept: string): Promise<number> {
  const url = new URL(address);
  const local = `http://127.0.0.1:${url.port}${url.pathname}`;
  try {
    const answer = await fetch(local, { headers: { Accept: accept } });
    return answer.status;
  } catch {
    return 0;
  }
}

/**
 * Starts the demo, and where the program was built without the dashboard's files, a server for them
 * in front. `TRUSTNET_DEMO` names the address of a demo that runs already.
 */
export default async function setup() {
  const children: ChildProcess[] = [];
  let api = process.env.TRUSTNET_DEMO;
  if (!api) {
    const program = process.env.TRUSTNET_BIN ?? '../target/debug/trustnet';
    const child = spawn(program, ['demo', '--json', '--port', '0'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.push(child);
    api = (await readDemo(child)).addresses.api;
  }
  const origin = new URL(api).origin;
  process.env.E2E_API = origin;
  process.env.E2E_DASHBOARD = origin;
  if ((await answers(api, 'text/html')) !== 200) {
    const port = await freePort();
    const child = spawn(
      'node',
      [
        'node_modules/vite/bin/vite.js',
        'preview',
        '--port',
        String(port),
        '--strictPort',
        '--host',
        '127.0.0.1',
      ],
      { env: { ...process.env, TRUSTNET_API: origin }, stdio: 'ignore' },
    );
    children.push(child);
    process.env.E2E_DASHBOARD = `http://manage.localhost:${port}`;
    const until = Date.now() + 60_000;
    while ((await answers(`${process.env.E2E_DASHBOARD}/`, 'text/html')) !== 200) {
      if (Date.now() > until) throw new Error('the server of the built files does not answer');
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
  return () => children.forEach((child) => child.kill('SIGTERM'));
}
