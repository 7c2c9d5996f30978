/** How much of everything. */
export interface Scale {
  /** Each contestant is measured so often, in turns with the others. */
  readonly rounds: number;
  /** Of one measurement of the usual length. */
  readonly seconds: number;
  readonly echoClients: number;
  readonly receivers: number;
  readonly httpClients: number;
  readonly idleConnections: number;
  /** To idleConnections each. */
  readonly broadcasts: number;
  /** Connections that come and go before memory is measured, so that code is compiled and pools have their size. */
  readonly earlier: number;
  /** And then, until it is measured again. */
  readonly churned: number;
  readonly streams: number;
  readonly growth: readonly number[];
  readonly rooms: readonly number[];
  /** One way, in milliseconds. */
  readonly delays: readonly number[];
}

export const FULL: Scale = {
  rounds: 4,
  seconds: 0.2,
  echoClients: 100,
  receivers: 1_000,
  httpClients: 100,
  idleConnections: 15_000,
  broadcasts: 12,
  earlier: 6_000,
  churned: 100_000,
  streams: 1_000,
  growth: [100, 1_000, 10_000],
  rooms: [10, 1_000, 10_000],
  delays: [0, 50, 150],
};

/** To see whether something works, or roughly where it stands. */
export const QUICK: Scale = {
  ...FULL,
  rounds: 3,
  seconds: 0.1,
  receivers: 300,
  idleConnections: 3_000,
  broadcasts: 4,
  earlier: 1_000,
  churned: 5_000,
  streams: 200,
  growth: [100, 1_000],
  rooms: [10, 1_000],
  delays: [0, 50],
};
