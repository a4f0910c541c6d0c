// The door of one story: a server of its own on a free loopback port, with a fresh store. It is stopped and removed afterwards.
import { test as base, expect, type Page } from '@playwright/test';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const OWNER = { organisation: 'Northwind IT', name: 'Mara Okafor', email: 'mara@northwind.example', password: 'quiet lantern over the mill' };

const FAKETIME = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1';
const postgres = process.env.DOORWARD_TEST_POSTGRES;
let made = 0;

function program(): string {
  const named = process.env.DOORWARD_PROGRAM ?? '../target/debug/doorward';
  const found = resolve(named);
  if (!existsSync(found)) throw new Error(`there is no program at ${found}: cargo build --workspace --bins`);
  return found;
}

function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const server = createServer().once('error', failed).listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (address && typeof address === 'object' ? done(address.port) : failed(new Error('no port'))));
    });
  });
}

function freshDatabase(): { url: string; drop: () => void } {
  const server = postgres ?? '';
  const name = `browser_${process.pid}_${made++}`;
  const run = (statement: string) => execFileSync('psql', [server, '--no-psqlrc', '--quiet', '-c', statement], { stdio: 'pipe' });
  run(`CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'`);
  return { url: server.replace(/\/[^/]*$/, `/${name}`), drop: () => run(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

/** A running server, as somebody in front of it sees it. */
export class Door {
  constructor(
    readonly url: string,
    readonly setupLink: string,
    private readonly clock: string,
  ) {}

  /** Moves the server's clock; only where `canMoveTime`. */
  advance(minutes: number): void {
    writeFileSync(this.clock, `+${minutes}m\n`);
  }
  get canMoveTime(): boolean {
    return existsSync(FAKETIME);
  }
  /** Fills in the set-up form behind the printed link. */
  async setUp(page: Page): Promise<void> {
    await page.goto(this.setupLink);
    await page.getByLabel('Organisation').fill(OWNER.organisation);
    await page.getByLabel('Your name').or(page.locator('input[name=name]')).first().fill(OWNER.name);
    await page.locator('input[name=email]').fill(OWNER.email);
    await page.locator('input[name=password]').fill(OWNER.password);
    await page.getByRole('button', { name: 'Create the owner' }).click();
    await expect(page).toHaveURL(`${this.url}/sign-in`);
  }
  async signIn(page: Page, password = OWNER.password): Promise<void> {
    await page.goto(`${this.url}/sign-in`);
    await page.getByLabel('E-mail address').fill(OWNER.email);
    await page.locator('input[name=password]').fill(password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  }
  /** Changes what the organisation asks for, as a script of whoever is signed in on this page would; it needs no JavaScript of the page. */
  async policy(page: Page, wanted: Record<string, unknown>): Promise<void> {
    const me = await (await page.request.get(`${this.url}/api/v1/me`)).json();
    const put = await page.request.put(`${this.url}/api/v1/organisations/${me.organisation.id}/policy`, { headers: { origin: this.url }, data: wanted });
    expect(put.status(), await put.text()).toBe(200);
  }
  /** Set up, signed in, at Home. */
  async enter(page: Page): Promise<void> {
    await this.setUp(page);
    await this.signIn(page);
    await expect(page).toHaveURL(`${this.url}/app`);
  }
}

/** Waits until the server has printed its link and answers that it is ready. */
async function ready(child: ChildProcess, url: string): Promise<string> {
  let out = '';
  let err = '';
  child.stdout?.on('data', (data) => (out += data));
  child.stderr?.on('data', (data) => (err += data));
  for (let n = 0; n < 300; n++) {
    if (child.exitCode !== null) break;
    const link = /^set-up link: (\S+)$/m.exec(out)?.[1];
    const isReady = link && (await fetch(`${url}/readyz`).then((answer) => answer.ok, () => false));
    if (link && isReady) return link;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`the server did not become ready:\n${out}\n${err}`);
}

export const test = base.extend<{ door: Door; environment: Record<string, string> }>({
  // What else the server is told, such as where mail goes.
  environment: async ({}, use) => use({}),
  door: async ({ environment }, use, info) => {
    const isPostgres = info.project.metadata.engine === 'postgres';
    test.skip(isPostgres && !postgres, 'DOORWARD_TEST_POSTGRES names no server');
    const folder = mkdtempSync(join(tmpdir(), 'doorward-browser-'));
    const database = isPostgres ? freshDatabase() : undefined;
    const port = await freePort();
    const url = `http://localhost:${port}`;
    const clock = join(folder, 'clock');
    writeFileSync(clock, '+0\n');
    const moved = existsSync(FAKETIME)
      ? { LD_PRELOAD: FAKETIME, FAKETIME_TIMESTAMP_FILE: clock, FAKETIME_NO_CACHE: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1' }
      : {};
    const child = spawn(program(), ['serve'], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        DOORWARD_LISTEN: `127.0.0.1:${port}`,
        DOORWARD_PUBLIC_URL: url,
        DOORWARD_DATA_DIR: join(folder, 'data'),
        ...(database ? { DOORWARD_DATABASE_URL: database.url } : {}),
        ...moved,
        ...environment,
      },
    });
    const gone = new Promise((done) => child.once('exit', done));
    try {
      await use(new Door(url, await ready(child, url), clock));
    } finally {
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), 12_000);
      if (child.exitCode === null) await gone;
      clearTimeout(late);
      database?.drop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
});

export { expect };
