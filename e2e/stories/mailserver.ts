// A real mail server beside the door: STARTTLS with a certificate of an authority of its own, and a login. It can refuse, defer, hang and drop at each step.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';
import { expect, test as base } from './door';

export type Step = 'connect' | 'login' | 'sender' | 'recipient' | 'data';
type Mood = { at: Step; does: 'refuse' | 'defer' | 'hang' | 'drop' };
const WORDS = {
  refuse: { responseCode: 550, message: 'mailbox does not exist at northwind' },
  defer: { responseCode: 451, message: 'greylisted, come back later' },
};

/** A mail as it came in. */
export type Came = { sender: string; recipients: string[]; isPrivate: boolean; user: string; mail: Email };

export class MailServer {
  mood?: Mood;
  readonly came: Came[] = [];
  /** How often each step was reached. */
  readonly steps: Step[] = [];
  private server?: SMTPServer;
  private readonly held = new Set<SMTPServerSession>();

  constructor(
    readonly port: number,
    private readonly folder: string,
  ) {}

  get url(): string {
    return `smtp://doorward:let%20me%20in@localhost:${this.port}`;
  }
  get authority(): string {
    return join(this.folder, 'ca.pem');
  }

  async start(): Promise<void> {
    const step = (at: Step, session: SMTPServerSession, done: (error?: Error | null) => void) => {
      this.steps.push(at);
      if (this.mood?.at !== at) return done();
      const does = this.mood.does;
      if (does === 'hang') return void this.held.add(session);
      if (does === 'drop') return this.drop(session);
      done(Object.assign(new Error(WORDS[does].message), WORDS[does]));
    };
    const server = new SMTPServer({
      key: readFileSync(join(this.folder, 'key.pem')),
      cert: readFileSync(join(this.folder, 'cert.pem')),
      authMethods: ['PLAIN', 'LOGIN'],
      disableReverseLookup: true,
      closeTimeout: 100,
      onConnect: (session, done) => step('connect', session, done),
      onAuth: (login, session, done) =>
        step('login', session, (error) => {
          const isRight = login.username === 'doorward' && login.password === 'let me in';
          done(error ?? (isRight ? null : new Error('who are you?')), isRight ? { user: 'doorward' } : undefined);
        }),
      onMailFrom: (_, session, done) => step('sender', session, done),
      onRcptTo: (_, session, done) => step('recipient', session, done),
      onData: (stream, session, done) => {
        const parts: Buffer[] = [];
        stream.on('data', (part: Buffer) => parts.push(part));
        stream.on('end', () =>
          step('data', session, (error) => {
            if (error) return done(error);
            void PostalMime.parse(Buffer.concat(parts)).then((mail) => {
              const { mailFrom, rcptTo } = session.envelope;
              this.came.push({
                sender: mailFrom ? mailFrom.address : '',
                recipients: rcptTo.map((to) => to.address),
                isPrivate: session.secure,
                user: String(session.user),
                mail,
              });
              done();
            });
          }),
        );
      },
    });
    server.on('error', () => {});
    await new Promise<void>((done) => server.listen(this.port, '127.0.0.1', done));
    this.server = server;
  }
  async stop(): Promise<void> {
    const server = this.server;
    this.server = undefined;
    if (!server) return;
    for (const connection of this.lines()) connection._socket?.destroy();
    await new Promise<void>((done) => server.close(() => done()));
  }
  private lines(): { id: string; _socket?: { destroy(): void } }[] {
    return [...(((this.server as any)?.connections ?? []) as Iterable<any>)];
  }
  private drop(session: SMTPServerSession): void {
    this.lines().find((line) => line.id === session.id)?._socket?.destroy();
  }

  /** Waits until a mail with this subject came to this address; answers the newest. */
  async mail(to: string, subject: string, count = 1): Promise<Came> {
    const found = () => this.came.filter((came) => came.recipients.includes(to) && came.mail.subject === subject);
    await expect.poll(() => found().length, { message: `${subject} for ${to}`, timeout: 20_000 }).toBe(count);
    return found()[count - 1];
  }
}

/** The address in the mail that leads to this page; the same in both parts. */
export function linkIn(came: Came, page: string): string {
  const link = new RegExp(`https?://\\S+${page}\\?token=\\S+`).exec(came.mail.text ?? '')?.[0];
  if (!link) throw new Error(`no link to ${page} in ${came.mail.text}`);
  expect(came.mail.html).toContain(link);
  return link;
}

function certificates(folder: string): void {
  const openssl = (...words: string[]) => execFileSync('openssl', words, { cwd: folder, stdio: 'pipe' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '30', '-subj', '/CN=An authority for tests', '-addext', 'basicConstraints=critical,CA:TRUE');
  openssl('req', ...key, '-keyout', 'key.pem', '-out', 'request.pem', '-subj', '/CN=localhost');
  writeFileSync(join(folder, 'names'), 'subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth\n');
  openssl('x509', '-req', '-in', 'request.pem', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-out', 'cert.pem', '-days', '30', '-extfile', 'names');
}

function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const server = createServer().once('error', failed).listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (address && typeof address === 'object' ? done(address.port) : failed(new Error('no port'))));
    });
  });
}

export const test = base.extend<{ post: MailServer; trusts: boolean }>({
  /** Whether the door trusts the authority of the mail server's certificate. */
  trusts: [true, { option: true }],
  post: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'doorward-post-'));
    certificates(folder);
    const server = new MailServer(await freePort(), folder);
    await server.start();
    try {
      await use(server);
    } finally {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
  environment: async ({ post, trusts }, use) =>
    use({
      DOORWARD_MAIL__URL: post.url,
      DOORWARD_MAIL__FROM: 'Northwind Door <door@northwind.example>',
      ...(trusts ? { SSL_CERT_FILE: post.authority } : {}),
    }),
});

export { expect };
