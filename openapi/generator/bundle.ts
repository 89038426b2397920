import { bundle, createConfig } from '@redocly/openapi-core';
import type { OpenApiDocument } from './document.ts';

/**
 * Resolves every `$ref` into another file, so that the result stands alone.
 * Throws with every fault when a reference leads nowhere.
 */
export async function bundleDocument(path: string): Promise<OpenApiDocument> {
  const result = await bundle({ ref: path, config: await createConfig({}) });
  const faults = result.problems.filter((problem) => problem.severity === 'error');
  if (faults.length > 0) throw new Error(`${path}: ${faults.map((fault) => fault.message).join('; ')}`);
  return sortComponents(result.bundle.parsed as OpenApiDocument);
}

/**
 * Puts the second document's paths, tags and components into the first. The same name with another content is a fault:
 * two documents of one contract may not disagree.
 */
export function mergeDocuments(base: OpenApiDocument, other: OpenApiDocument, info: OpenApiDocument['info']): OpenApiDocument {
  const components: OpenApiDocument['components'] = { ...base.components };
  for (const [section, entries] of Object.entries(other.components)) {
    components[section] = mergeEntries(`components.${section}`, components[section] ?? {}, entries);
  }
  const tags = [...base.tags, ...other.tags.filter((tag) => !base.tags.some((known) => known.name === tag.name))];
  return sortComponents({ ...base, info, tags, paths: mergeEntries('paths', base.paths, other.paths), components });
}

function mergeEntries<T>(where: string, base: Record<string, T>, other: Record<string, T>): Record<string, T> {
  for (const [name, value] of Object.entries(other)) {
    const known = base[name];
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(value)) {
      throw new Error(`${where}.${name} stands in two documents with different contents`);
    }
  }
  return { ...base, ...other };
}

/** The order in which references are met is an accident; sorted names keep the generated files stable. */
function sortComponents(document: OpenApiDocument): OpenApiDocument {
  const components: OpenApiDocument['components'] = {};
  for (const section of Object.keys(document.components ?? {}).sort()) {
    components[section] = Object.fromEntries(Object.entries(document.components[section] ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)));
  }
  return { ...document, components };
}
