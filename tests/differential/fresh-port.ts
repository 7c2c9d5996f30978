interface Opened {
  readonly port: number;
  close(): Promise<void>;
}

const used = new Set<number>();

/**
 * Opens until it is on a port that nothing in this process had before: clients keep their managers by port, so one that
 * comes again would give a scenario the manager of another.
 */
export async function onFreshPort<Server extends Opened>(open: () => Promise<Server>): Promise<Server> {
  const opened = await open();
  if (used.has(opened.port)) {
    await opened.close();
    return onFreshPort(open);
  }
  used.add(opened.port);
  return opened;
}
