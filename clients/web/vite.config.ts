import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const controlPlaneUrl = process.env['STOA_CONTROL_PLANE_URL'] ?? 'http://127.0.0.1:8080';

/** `vite build` writes dist/, which the Control Plane serves; `vite` serves the sources and passes the API on to a running one. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [react()],
  build: {
    target: 'es2023',
    // The Control Plane forbids inline scripts and data URIs other than images: every asset is a file.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { '/v1': controlPlaneUrl } },
});
