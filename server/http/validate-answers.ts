import type { RequestHandler } from 'express';
import type { OperationId } from '@stoa/generated/operations.ts';

/** Holds what the server answers against the contract, outside of production: there it costs more than it finds. What it takes is loaded for that alone, and is in no built program. */
export const validateAnswers =
  (id: OperationId): RequestHandler =>
  async (_request, response, next) => {
    // A path that is fixed comes first, and may look like one with a parameter.
    if (response.locals['answers'] !== undefined) return next();
    response.locals['answers'] = id;
    const { answerFaults } = await import('./answer-faults.ts');
    const send = response.json.bind(response);
    response.json = (body: unknown) => {
      response.json = send;
      const faults = answerFaults(id, response.statusCode, body);
      if (faults.length > 0) throw new Error(`The answer of ${id} is not as the contract says: ${faults.join('; ')}`);
      return send(body);
    };
    next();
  };
