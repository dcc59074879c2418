import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { precompress } from "./scripts/precompress.ts";

const page = (name: string) => fileURLToPath(new URL(`./${name}`, import.meta.url));
const api = process.env.BACKOFFICE_URL ?? "http://127.0.0.1:8100";

export default defineConfig({
  plugins: [react(), precompress()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  // The server puts a fresh nonce in its place with each page.
  html: { cspNonce: "__NONCE__" },
  build: { manifest: true, chunkSizeWarningLimit: 900, sourcemap: false,
    // The console, and the customers' page for returns, which loads nothing of it.
    rollupOptions: { input: { index: page("index.html"), return: page("return.html") } },
    target: "es2022", modulePreload: { polyfill: false } },
  server: { proxy: { "/api": api, "/health": api } },
  test: { environment: "jsdom", include: ["src/**/*.test.{ts,tsx}"], restoreMocks: true },
});
