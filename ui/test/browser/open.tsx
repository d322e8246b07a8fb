/** Opens the whole window at an address, over a port in memory. */

import "@/styles/base.css";

import { createMemoryHistory } from "@tanstack/react-router";
import { render } from "vitest-browser-react";

import { App } from "@/App";

import { type Answers, MemoryShell } from "../port";
import { world, type WorldOptions } from "../world";

/** A face that comes late is wider until then: what is measured meanwhile is another window's. */
async function loadFonts() {
  const faces = ["13px 'Inter Variable'", "12px 'JetBrains Mono'"];
  const loaded = await Promise.all(faces.map((face) => document.fonts.load(face, "Åö")));
  if (loaded.some(({ length }) => length === 0)) throw new Error(`No such font: ${faces.join(", ")}`);
}

/** `kept`: what the window's storage holds from before. */
export async function open(address: string, options?: WorldOptions, more?: Answers, kept: Record<string, string> = {}) {
  await loadFonts();
  localStorage.clear();
  sessionStorage.clear();
  for (const [key, value] of Object.entries(kept)) localStorage.setItem(key, value);
  const port = world(options, more);
  if (options?.desktop === true) port.shell = new MemoryShell();
  const history = createMemoryHistory({ initialEntries: [address] });
  // The page's own element, whose height is the window's: else every row of a list would be in view.
  document.getElementById("root")?.remove();
  const container = document.body.appendChild(document.createElement("div"));
  container.id = "root";
  const screen = await render(<App port={port} history={history} />, { container });
  return { port, history, screen };
}

/** A promise to be settled by the test. */
export function later<Value>() {
  let settle!: (value: Value) => void;
  let fail!: (error: unknown) => void;
  const promise = new Promise<Value>((resolve, reject) => {
    settle = resolve;
    fail = reject;
  });
  return { promise, settle, fail };
}
