import { z } from 'zod';
import type { DefaultRoute, Looked, Network, NetworkInterface, Route } from '../facts.ts';
import { runTool, untoldBy } from './tool.ts';

/** ip(8) -json: print_linkinfo and print_addrinfo of ipaddress.c. */
const linkSchema = z.object({
  ifname: z.string().optional(),
  link_type: z.string().default(''),
  flags: z.array(z.string()).default([]),
  mtu: z.number().default(0),
  address: z.string().optional(),
  linkinfo: z.object({ info_kind: z.string().optional() }).optional(),
  addr_info: z
    .array(
      z.object({
        family: z.string().optional(),
        local: z.string().optional(),
        prefixlen: z.number().default(0),
        dadfailed: z.boolean().default(false),
        nodad: z.boolean().default(false),
      }),
    )
    .default([]),
});

/** print_route of iproute.c */
const routeSchema = z.object({
  type: z.string().optional(),
  dst: z.string(),
  gateway: z.string().optional(),
  dev: z.string().optional(),
  prefsrc: z.string().optional(),
  metrics: z.array(z.object({ mtu: z.number().optional() })).default([]),
  nexthops: z.array(z.object({ gateway: z.string().optional(), dev: z.string() })).default([]),
});

const neighbourSchema = z.object({
  dst: z.string(),
  lladdr: z.string().optional(),
  state: z.array(z.string()).default([]),
});

type LinkJson = z.infer<typeof linkSchema>;
type RouteJson = z.infer<typeof routeSchema>;

/**
 * Interfaces, and the ways to the given addresses, as ip(8) tells them.
 *
 * @param addresses in canonical text.
 */
export async function gatherNetwork(addresses: readonly string[]): Promise<Looked<Network>> {
  const links = await runTool('ip', ['-json', '-details', 'addr']);
  if (links.kind === 'missing' || links.exitCode !== 0) {
    return untoldBy('ip', links);
  }
  const [routes, neighbours, ...defaults] = await Promise.all([
    routesTo(addresses),
    gatherNeighbours(),
    defaultRoutes('inet'),
    defaultRoutes('inet6'),
  ]);
  return {
    value: {
      interfaces: parsed(links.stdout, linkSchema).flatMap(interfaceOf),
      routes,
      defaultRoutes: defaults.flat(),
      neighbours,
    },
  };
}

/** Addresses by link-layer address, of the neighbours that were heard. */
export async function gatherNeighbours(): Promise<Network['neighbours']> {
  const known: Record<string, string[]> = {};
  for (const { dst, lladdr, state } of await list(['neigh'], neighbourSchema)) {
    if (lladdr === undefined || state.includes('FAILED')) continue;
    const at = known[lladdr] ?? [];
    known[lladdr] = [...at, dst];
  }
  return known;
}

function interfaceOf(link: LinkJson): readonly NetworkInterface[] {
  if (link.ifname === undefined) return [];
  const kind = link.linkinfo?.info_kind;
  return [
    {
      name: link.ifname,
      linkType: link.link_type,
      ...(kind !== undefined && { kind }),
      up: link.flags.includes('UP'),
      mtu: link.mtu,
      ...(link.address !== undefined && { linkAddress: link.address }),
      addresses: link.addr_info.flatMap(({ family, local, prefixlen, dadfailed, nodad }) => {
        if (local === undefined || (family !== 'inet' && family !== 'inet6')) return [];
        return [
          {
            family,
            address: local,
            prefixLength: prefixlen,
            ...(dadfailed && { duplicate: true }),
            ...(nodad && { unchecked: true }),
          },
        ];
      }),
    },
  ];
}

/** One run for all: a large file has thousands of addresses. */
async function routesTo(addresses: readonly string[]): Promise<Network['routes']> {
  const input = addresses.map((address) => `route get ${address}\n`).join('');
  const result = await runTool('ip', ['-json', '-force', '-batch', '-'], { input });
  if (result.kind === 'missing') return {};
  const routes: Record<string, Route> = {};
  // one array a line; an address without a route leaves a message on stderr only
  for (const line of result.stdout.split('\n')) {
    for (const route of parsed(line, routeSchema)) {
      const way = routeOf(route);
      if (way !== undefined) routes[route.dst] = way;
    }
  }
  return routes;
}

const nowhere: ReadonlySet<string> = new Set(['unreachable', 'prohibit', 'blackhole', 'throw']);

function routeOf(route: RouteJson): Route | undefined {
  const { type = 'unicast', dev, gateway, prefsrc, metrics } = route;
  if (dev === undefined || nowhere.has(type)) return undefined;
  const mtu = metrics.find((one) => one.mtu !== undefined)?.mtu;
  return {
    interface: dev,
    local: type === 'local',
    ...(gateway !== undefined && { gateway }),
    ...(prefsrc !== undefined && { source: prefsrc }),
    ...(mtu !== undefined && { mtu }),
  };
}

async function defaultRoutes(family: 'inet' | 'inet6'): Promise<readonly DefaultRoute[]> {
  const option = family === 'inet' ? '-4' : '-6';
  const routes = await list([option, 'route', 'show', 'default'], routeSchema);
  return routes.flatMap(({ dev, gateway, nexthops }) =>
    [{ dev, gateway }, ...nexthops].flatMap((hop) =>
      hop.dev === undefined
        ? []
        : [
            {
              family,
              interface: hop.dev,
              ...(hop.gateway !== undefined && { gateway: hop.gateway }),
            },
          ],
    ),
  );
}

async function list<T>(args: readonly string[], schema: z.ZodType<T>): Promise<readonly T[]> {
  const result = await runTool('ip', ['-json', ...args]);
  return result.kind === 'ran' && result.exitCode === 0 ? parsed(result.stdout, schema) : [];
}

/** What does not look as expected is left out: a new iproute2 may know more than we do. */
function parsed<T>(text: string, schema: z.ZodType<T>): readonly T[] {
  if (text.trim() === '') return [];
  let items: unknown;
  try {
    items = JSON.parse(text);
  } catch {
    return [];
  }
  if (!Array.isArray(items)) return [];
  return items.flatMap((item) => {
    const result = schema.safeParse(item);
    return result.success ? [result.data] : [];
  });
}
