/** `fabrik serve` on data of its own, in the sandbox that it starts; and how a test steers both. */

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import type { Commands, Problem } from "@/backend/bindings";

export const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** Where cargo puts what it builds, as `scripts/common.sh` says. */
export const TARGET = process.env.CARGO_TARGET_DIR ?? path.join(process.env.XDG_CACHE_HOME ?? path.join(process.env.HOME ?? "", ".cache"), "fabrik/target");

/** The command line: the one that was built, or the one that is named. */
const PROGRAM = process.env.FABRIK_TEST_PROGRAM ?? path.join(TARGET, "debug/fabrik");

/** A command that Rust refused. */
export class Refused extends Error {
  constructor(
    readonly command: string,
    readonly problem: Problem,
  ) {
    super(`${command}: ${JSON.stringify(problem)}`);
  }
}

/** A rule of the sandbox's for calls that go wrong. */
export interface Fault {
  provider?: "supabase" | "github" | "vercel" | "resend";
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  path?: string;
  nth?: number;
  do: string;
}

export class Fabrik {
  readonly #process: ChildProcess;
  readonly #folder: string;
  /** Where the UI is, without its token. */
  readonly origin: string;
  readonly token: string;

  private constructor(process: ChildProcess, folder: string, url: URL) {
    this.#process = process;
    this.#folder = folder;
    this.origin = url.origin;
    this.token = url.hash.replace("#token=", "");
  }

  /** Starts it, and waits until it says that it is ready. Its sandbox takes no time for anything. */
  static async start(): Promise<Fabrik> {
    await stat(PROGRAM).catch(() => {
      throw new Error(`${PROGRAM} is not there; \`make test\` builds it first`);
    });
    const folder = await mkdtemp(path.join(tmpdir(), "fabrik-serve."));
    // What the developer has set for their own work is not for the program under test.
    const own = Object.entries(process.env).filter(([name]) => !name.startsWith("FABRIK_"));
    const child = spawn(PROGRAM, ["--json", "serve", "--ui", path.join(ROOT, "ui/dist")], {
      env: {
        ...Object.fromEntries(own),
        FABRIK_DATA_DIR: path.join(folder, "data"),
        FABRIK_SANDBOX_LATENCY: "none",
        USER: "klara",
        XDG_DOWNLOAD_DIR: folder,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let complaints = "";
    child.stderr.on("data", (text: Buffer) => {
      complaints += text.toString();
    });
    const line = await new Promise<string>((resolve, reject) => {
      createInterface(child.stdout).once("line", resolve);
      child.once("exit", (code) => reject(new Error(`fabrik serve ended with ${code}: ${complaints}`)));
    });
    const { url } = JSON.parse(line) as { url: string };
    return new Fabrik(child, folder, new URL(url));
  }

  /** Runs a command, as the page does. */
  async call<Name extends keyof Commands>(name: Name, given: Commands[Name]["arguments"]): Promise<Commands[Name]["answer"]> {
    const response = await fetch(`${this.origin}/call/${name}`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${this.token}` },
      body: JSON.stringify(given),
    });
    const answer: unknown = await response.json();
    if (!response.ok) throw new Refused(name, answer as Problem);
    return answer as Commands[Name]["answer"];
  }

  /** Tells the sandbox something: `faults`, `latency`, `foreign`, `tokens` … */
  async steer(what: string, body: unknown): Promise<void> {
    const response = await this.#control(what, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${what}: ${response.status} ${await response.text()}`);
  }

  /** The calls that go wrong from now on. */
  async faults(...rules: Fault[]): Promise<void> {
    await this.steer("faults", rules);
  }

  /** What the sandbox tells of itself: `state`, `environment` … */
  async look<Answer>(what: string): Promise<Answer> {
    return (await (await this.#control(what)).json()) as Answer;
  }

  async #control(what: string, init?: RequestInit): Promise<Response> {
    const endpoint = await readFile(path.join(this.#folder, "data/sandbox/endpoint.json"), "utf8");
    const { control } = JSON.parse(endpoint) as { control: string };
    return fetch(`${control}/${what}`, init);
  }

  /** Ends it and its sandbox, and takes its data away. */
  async stop(): Promise<void> {
    await this.#control("stop", { method: "POST" });
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.kill("SIGINT");
    await ended;
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}
