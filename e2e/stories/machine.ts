// A machine with the real doorward-agent on it: a state folder and a system of its own, so that its disk can be copied into another machine.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const beside = dirname(resolve(process.env.DOORWARD_PROGRAM ?? '../target/debug/doorward'));
const id = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 32);

export class Machine {
  private readonly folder = mkdtempSync(join(tmpdir(), 'doorward-machine-'));
  private running?: ChildProcess;

  constructor(readonly server: string, readonly name: string) {
    if (!existsSync(join(beside, 'doorward-agent'))) throw new Error('doorward-agent is not built: cargo build --workspace --bins');
    this.becomes(name);
  }
  private get state(): string {
    return join(this.folder, 'state');
  }
  /** Puts its disk into another machine, with another installation of the system. */
  becomes(machine: string): void {
    const put = (path: string, text: string) => {
      const at = join(this.folder, 'root', path);
      mkdirSync(dirname(at), { recursive: true });
      writeFileSync(at, `${text}\n`);
    };
    put('etc/machine-id', id(machine));
    put('sys/class/dmi/id/product_uuid', id(`${machine} product`));
    put('sys/class/dmi/id/board_serial', id(`${machine} board`));
  }
  /** A copy of its disk, in another machine. */
  copiedTo(machine: string): Machine {
    const copy = new Machine(this.server, this.name);
    cpSync(this.state, copy.state, { recursive: true });
    copy.becomes(machine);
    return copy;
  }
  private args(...args: string[]): string[] {
    return [...args, '--state', this.state];
  }
  private get env(): NodeJS.ProcessEnv {
    return { ...process.env, DOORWARD_AGENT_SYSTEM_ROOT: join(this.folder, 'root') };
  }
  /** Pairs with this key; answers the short code. */
  pair(key: string): string {
    const args = this.args('pair', '--server', this.server, '--name', this.name);
    const told = execFileSync(join(beside, 'doorward-agent'), args, { input: key, encoding: 'utf8', env: this.env });
    return /[A-Z]{4}-[A-Z]{4}/.exec(told)?.[0] ?? '';
  }
  /** Runs until it is stopped. */
  run(): void {
    this.running = spawn(join(beside, 'doorward-agent'), this.args('run'), { stdio: 'ignore', env: this.env });
  }
  async stop(): Promise<void> {
    const child = this.running;
    this.running = undefined;
    if (!child || child.exitCode !== null) return;
    const gone = new Promise((done) => child.once('exit', done));
    child.kill('SIGTERM');
    await gone;
  }
  /** What it says of itself: the exit code. */
  status(): number {
    try {
      execFileSync(join(beside, 'doorward-agent'), this.args('status'), { stdio: 'ignore', env: this.env });
      return 0;
    } catch (error) {
      return (error as { status: number }).status;
    }
  }
  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
