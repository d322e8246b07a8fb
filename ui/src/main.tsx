import "@/styles/base.css";

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { App } from "@/App";
import { connect } from "@/backend/connect";

const root = document.getElementById("root");
if (root === null) throw new Error("no #root in the page");

// The port reads the token out of the address before the router reads the rest.
const port = connect();
createRoot(root).render(
  <StrictMode>
    <App port={port} />
  </StrictMode>,
);
