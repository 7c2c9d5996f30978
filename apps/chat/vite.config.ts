import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  build: { outDir: "dist/page" },
  // `vite` alone serves the page with hot reloading, beside a server that `npm start` runs on port 3000.
  server: { proxy: { "/socket.io": { target: "http://127.0.0.1:3000", ws: true } } },
});
