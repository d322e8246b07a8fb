/** A PostgreSQL server with an agency's own table of customers: the one that the central database's tests start. */

import { execFile, spawn, type ChildProcess } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import path from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

const START = path.resolve(import.meta.dirname, "../../../src-tauri/store/tests/server/start.sh");
/** The pooler's; its socket is in the server's own folder. */
const POOLER = "6432";

/** Organisations with their credits in a view; one has no address, another is no customer any more. */
const TABLES = `
  create table organizations (
    id uuid primary key, name text not null, slug varchar(80) not null, email text, status text not null,
    production_url varchar(200), github_repo_url text, supabase_project_ref text, internal_notes text);
  create table credits (organization_id uuid, amount numeric(12, 2));
  create view organizations_with_credits as
    select o.*, coalesce((select sum(amount) from credits where organization_id = o.id), 0) as credits_balance
    from organizations o;
  insert into organizations (id, name, slug, email, status) values
    ('00000000-0000-4000-8000-000000000001', 'Bergslagens Hantverk', 'bergslagen', 'eva@bergslagen.example', 'active'),
    ('00000000-0000-4000-8000-000000000002', 'Utan Adress', 'utan-adress', null, 'active'),
    ('00000000-0000-4000-8000-000000000003', 'Österlens Keramik', 'osterlen', 'hej@osterlen.example', 'trial');`;

export class Postgres {
  readonly #process: ChildProcess;
  /** The address of the database with the table. */
  readonly url: string;

  private constructor(process: ChildProcess, url: string) {
    this.#process = process;
    this.url = url;
  }

  static async start(): Promise<Postgres> {
    const port = await freePort();
    // Handed over as text: the server's user may not be let into the checkout. It refuses to be root.
    const given = ["-c", await readFile(START, "utf8"), "start.sh", port, POOLER];
    const root = process.getuid?.() === 0;
    const child = spawn(root ? "runuser" : "bash", root ? ["-u", "postgres", "--", "bash", ...given] : given, { cwd: "/", stdio: ["pipe", "pipe", "inherit"] });
    const folder = await new Promise<string>((resolve, reject) => {
      createInterface(child.stdout).once("line", resolve);
      child.once("exit", (code) => reject(new Error(`PostgreSQL ended with ${code}; scripts/setup test installs it`)));
    });
    await promisify(execFile)("psql", ["--quiet", "--set=ON_ERROR_STOP=1", `--dbname=host=${folder} port=${port} user=postgres dbname=postgres`, `--command=${TABLES}`]);
    return new Postgres(child, `postgres://postgres@socket:${port}/postgres?host=${folder}`);
  }

  /** It ends, and its folder goes, when nobody holds its input any more. */
  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.stdin?.end();
    await ended;
  }
}

async function freePort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return String(port);
}
