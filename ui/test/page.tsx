/** The window over the port in memory, for screenshots. The look is left in the storage by who opens the page. */

import "@/styles/base.css";

import { createRoot } from "react-dom/client";

import { App } from "@/App";

import { world, type WorldOptions } from "./world";

const look = JSON.parse(localStorage.getItem("test.look") ?? "{}") as WorldOptions;
const root = document.getElementById("root");
if (root !== null) createRoot(root).render(<App port={world(look)} />);
