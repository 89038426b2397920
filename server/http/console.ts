import { Router } from 'express';

/** The Console's pages. */
export function consolePages(): Router {
  return Router();
}
