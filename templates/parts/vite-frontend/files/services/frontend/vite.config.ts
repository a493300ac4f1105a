import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const { VITE_CACHE_DIR, API_ORIGIN = "http://127.0.0.1:8080", DOMAIN = "", WATCH_POLLING } = process.env;

// Hot reload starts from an inline script, which the proxy's Content-Security-Policy forbids. The same code
// is also a module: with it, development runs under the policy of production.
const preambleAsModule: Plugin = {
  name: "preamble-as-module",
  apply: "serve",
  transformIndexHtml: {
    order: "post",
    handler: (html) =>
      html.replace(
        /<script type="module">import \{ injectIntoGlobalHook[\s\S]*?<\/script>/,
        '<script type="module" src="/@id/@vitejs/plugin-react/preamble"></script>',
      ),
  },
};

export default defineConfig({
  plugins: [react(), preambleAsModule],
  ...(VITE_CACHE_DIR === undefined ? {} : { cacheDir: VITE_CACHE_DIR }),
  server: {
    port: 5173,
    // localhost and IP addresses are always allowed.
    allowedHosts: DOMAIN.split(",").filter((host) => host !== ""),
    // For those who open the development server itself; behind the proxy these paths never arrive here.
    proxy: { "/api": { target: API_ORIGIN }, "/admin": { target: API_ORIGIN }, "/static": { target: API_ORIGIN } },
    // Bind mounts of Docker Desktop on some file systems send no change events.
    watch: { usePolling: WATCH_POLLING === "true" },
  },
  build: {
    // Data URLs would need an exception in the Content-Security-Policy.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  test: {
    environment: "jsdom",
    setupFiles: ["./vitest.setup.ts"],
    include: ["src/**/*.test.{ts,tsx}"],
    restoreMocks: true,
    unstubGlobals: true,
    testTimeout: 20_000,
  },
});
