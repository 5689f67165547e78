/** How many virtual servers, and how many real servers each of them has. */
export const largeSize = { virtuals: 1000, reals: 10 } as const;

/** The one section of `largeConfig` with a server at `single`. */
export const singleVirtual = virtualAddress(500);

/**
 * A file of 1,000 virtual servers with 10 real servers each. Most are always on; every hundredth
 * checks the web server at `shared`, and one of those has one server at `single` besides.
 */
export function largeConfig(facts: { readonly shared: string; readonly single: string }): string {
  const sections = Array.from({ length: largeSize.virtuals }, (_, index) => {
    const address = virtualAddress(index);
    const isChecked = index % 100 === 0;
    const reals = Array.from({ length: largeSize.reals }, (_, number) => {
      if (!isChecked) return `10.30.${number}.${index % 256}:80`;
      // several servers on one machine: they differ in their ports, and are asked on one
      const isSingle = address === singleVirtual && number === 0;
      return isSingle ? `${facts.single}:80` : `${facts.shared}:${8000 + number}`;
    });
    return [
      `virtual=${address}:80`,
      ...reals.map((real, number) => `        real=${real} masq ${number + 1}`),
      ...(isChecked ? ['checktype=connect', 'checkport=80'] : ['checktype=on']).map(indent),
      indent('scheduler=wlc'),
    ].join('\n');
  });
  return `checkinterval=2
checktimeout=2
quiescent=yes
logfile="/run/tmp/large.log"
${sections.join('\n')}
`;
}

function virtualAddress(index: number): string {
  return `10.20.${index >> 8}.${index & 255}`;
}

function indent(line: string): string {
  return `        ${line}`;
}
