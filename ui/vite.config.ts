import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  clearScreen: false,
  // The desktop shell's development window expects this address (`devUrl`).
  server: { host: "127.0.0.1", port: 5173, strictPort: true },
  build: {
    outDir: "dist",
    // WebKitGTK 2.40 and macOS 13 are the oldest engines the window runs in.
    target: ["safari16.4", "chrome111"],
    // Fonts stay files: a `data:` font would need a wider content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Read from the disk of the same machine, in one piece.
    chunkSizeWarningLimit: 1200,
  },
});
