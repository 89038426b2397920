import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** What every page needs, in one file of the libraries and one of ours: in twenty small ones it compresses worse. What only some pages need stays apart. */
const libraries =
  /node_modules\/(?:@tanstack\/(?:react-router|router-core|history|store|react-store|query-core|react-query)|openapi-fetch|use-sync-external-store)\//;
const ofSomePages = /infiniteQuery|useMutation|mutationObserver/i;
const ours =
  /clients\/web\/src\/(?:api|ground\/(?:address|fault|given|hot-keys|mark|nav|offline|page|router|session|shell|states|to))\.tsx?$|generated\/permissions\.ts$/;
const groups = [
  { name: 'react', test: /node_modules\/(?:react|react-dom|scheduler)\// },
  { name: 'frame', test: (id: string) => libraries.test(id) && !ofSomePages.test(id) },
  { name: 'ground', test: ours },
];
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
    rolldownOptions: { output: { codeSplitting: { groups } } },
  },
  server: { proxy: { '/v1': controlPlaneUrl } },
});
