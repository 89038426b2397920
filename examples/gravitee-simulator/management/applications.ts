import type { Application, Json, State } from '../state.ts';
import { closeSubscription } from './plans.ts';
import { recordOf } from './definition.ts';
import { ManagementError } from './errors.ts';
import { applicationView } from './views.ts';

/** Version 1 of the Management API: version 2 has no applications to make. */

const required = (field: string, path: string): ManagementError => {
  const message = `Application's ${field} must not be null`;
  return new ManagementError(400, { message, path, details: [{ message, location: field }] });
};

export function applicationOf({ applications }: State, id: string): Application {
  const application = applications.get(id);
  if (application !== undefined) return application;
  throw new ManagementError(404, {
    message: `Application [${id}] can not be found.`,
    parameters: { application: id },
    technicalCode: 'application.notFound',
    http_status: 404,
  });
}

/** The same name twice is allowed, the same client id is not. */
export function createApplication(state: State, body: Json): Application {
  if (typeof body['description'] !== 'string') throw required('description', 'createApplication.application.description');
  const settings = { app: {}, ...recordOf(body['settings']) };
  const clientId = recordOf(settings.app)['client_id'];
  const isTaken = [...state.applications.values()].some((other) => recordOf(other.settings['app'])['client_id'] === clientId);
  if (clientId !== undefined && isTaken) {
    throw new ManagementError(400, {
      message: `An application already exists with client_id [${String(clientId)}]`,
      parameters: { clientId },
      technicalCode: 'application.clientId.exists',
      http_status: 400,
    });
  }
  const at = state.now();
  const made = { name: String(body['name']), description: body['description'], settings, createdAt: at, updatedAt: at };
  const application: Application = { id: state.newId(), status: 'ACTIVE', ...made };
  state.applications.set(application.id, application);
  return application;
}

export function updateApplication(state: State, application: Application, body: Json): void {
  if (typeof body['settings'] !== 'object') throw required('settings', 'updateApplication.updatedApplication.settings');
  application.name = String(body['name']);
  application.description = String(body['description']);
  application.settings = recordOf(body['settings']);
  application.updatedAt = Math.max(state.now(), application.updatedAt + 1);
}

/** Nothing is deleted: it can still be read, and has no owner any more. */
export function archiveApplication(state: State, application: Application): void {
  application.status = 'ARCHIVED';
  application.updatedAt = Math.max(state.now(), application.updatedAt + 1);
  for (const { subscriptions } of state.apis.values()) {
    for (const one of subscriptions) if (one.applicationId === application.id && one.status === 'ACCEPTED') closeSubscription(state, one);
  }
}

export function applicationPage({ applications }: State, url: URL): Json {
  const [current, size] = [Number(url.searchParams.get('page') ?? 1), Number(url.searchParams.get('size') ?? 10)];
  const active = [...applications.values()]
    .filter(({ status }) => status === 'ACTIVE')
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  const data = active.slice((current - 1) * size, current * size);
  const at = (id: string, hash: number): string => `${url.origin}${url.pathname.replace(/_paged$/, id)}/picture?hash=${hash}`;
  return {
    data: data.map((one) => applicationView(one, at(one.id, one.updatedAt))),
    page: { current, size: data.length, per_page: size, total_pages: Math.ceil(active.length / size), total_elements: active.length },
  };
}
