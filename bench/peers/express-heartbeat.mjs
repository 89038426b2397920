// Run from bench/.peers, whose Express it takes: a handler that parses a heartbeat and answers it, with no validation and no database.
import express from 'express';

const reply = { heartbeat_interval_s: 30, lease_epoch: 1, lease_ttl_s: 100, config_generation: 0 };
const app = express();
app.use(express.json());
app.get('/healthz', (request, response) => response.json({ status: 'ok' }));
app.post('/v1/internal/gateways/:gateway_id/heartbeat', (request, response) => response.json(reply));
app.listen(Number(process.env.PORT), '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
