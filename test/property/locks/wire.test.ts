import { DeleteCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import { fromAttributeMap } from '../../../src/attribute-value';
import { acquireRequest, deleteRequest, heartbeatRequest, keepRequest, type Expected, type Grant, type Identity } from '../../../src/locks/lease/requests';
import { keyOf, readRow } from '../../../src/locks/lease/row';
import type { LockRequest, Row } from '../../../src/locks/table/request';
import { memoryEngine } from '../../../src/replay/engines/memory';
import { tableName } from '../../support/engines';
import { javaAcquire, javaDelete, javaHeartbeat, javaKeep, readJava } from '../../support/locks/java-model';

type Writer = 'node' | 'java';

const bytes = fc.option(fc.uint8Array({ maxLength: 4 }), { nil: undefined });
const lease = fc.integer({ min: 1, max: 366 * 86_400_000 });
const attributes = fc.dictionary(fc.constantFrom('extra', 'trace', 'ключ', 'Size'), fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant({ deep: [1, 'x'] })), { maxKeys: 2 });

const step = fc.record({
  by: fc.constantFrom<Writer>('node', 'java'),
  does: fc.constantFrom('heartbeat', 'keep', 'delete', 'take'),
  leaseMs: lease,
  data: bytes,
  dropData: fc.boolean(),
  keepData: fc.boolean(),
  attributes,
  mode: fc.constantFrom<'replace' | 'update'>('replace', 'update'),
  consistent: fc.boolean(),
  /** Nobody has looked at the row. */
  blind: fc.boolean(),
  old: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const world = fc.record({
  partitionKeyName: fc.constantFrom('key', 'lockName'),
  sortKeyName: fc.constantFrom(undefined, 'rangeKey'),
  key: fc.string({ minLength: 1, maxLength: 8 }),
  sortKey: fc.string({ minLength: 1, maxLength: 8 }),
  exclusive: fc.boolean(),
  ttlName: fc.constantFrom(undefined, 'ttl'),
  dated: fc.boolean(),
  steps: fc.array(step, { minLength: 6, maxLength: 12, size: 'max' }),
});

test('whatever ours writes, Java can read and goes on from, and the other way round', async () => {
  const engine = memoryEngine();
  const met = new Set<string>();
  await fc.assert(fc.asyncProperty(world, async ({ partitionKeyName, sortKeyName, key, sortKey, exclusive, ttlName, dated, steps }) => {
    const table = tableName('wire');
    const schema = { partitionKeyName, sortKeyName };
    const name = sortKeyName === undefined ? { key } : { key, sortKey };
    const primary = keyOf(schema, name);
    await engine.createTable({ name: table, partitionKey: partitionKeyName, sortKey: sortKeyName ?? null });
    const send = async ({ op, input }: LockRequest): Promise<boolean> => {
      const given = { TableName: table, ...input } as never;
      const command = op === 'put' ? new PutCommand(given) : op === 'update' ? new UpdateCommand(given) : new DeleteCommand(given);
      return engine.client.send(command as PutCommand).then(() => true, (error: unknown) => {
        if ((error as Error).name !== 'ConditionalCheckFailedException') throw error;
        return false;
      });
    };
    const row = async (): Promise<Row | undefined> => (await engine.scan(table)).map((item) => fromAttributeMap(item))[0];
    let ids = 0;
    let holder: { readonly by: Writer; readonly identity: Identity } | undefined;
    let [data, rvn]: [Uint8Array | undefined, string] = [undefined, ''];

    const acquire = (one: Step, { version, before, identity, next, by }: { readonly version: string; readonly before: Row | undefined; readonly identity: Identity; readonly next: string; readonly by: Writer }): LockRequest => {
      const kept = seen(before);
      if (by === 'java') {
        return javaAcquire({
          schema, key: primary, ownerName: identity.ownerName, rvn: next, leaseMs: one.leaseMs, additional: one.attributes,
          data: (one.keepData ? kept : undefined) ?? one.data, updateExisting: one.mode === 'update', consistent: one.consistent, old: one.old,
        }, before && readJava(schema, before));
      }
      const grant: Grant = {
        ...identity, rvn: next, leaseMs: one.leaseMs, mode: exclusive ? 'update' : one.mode, exclusive, data: one.data, keepData: one.keepData, attributes: one.attributes,
        touchedAt: dated ? 1.7e12 : undefined,
      };
      const expected: Expected = before === undefined ? { kind: one.blind ? 'free' : 'absent' }
        : !('isReleased' in before) ? { kind: 'expired', rvn: version, data: kept }
          : one.blind && grant.mode === 'update' ? { kind: 'free' }
            : { kind: 'released', data: kept, ...(one.consistent ? { rvn: version } : {}) };
      return acquireRequest(grant, expected);
    };

    for (const one of steps) {
      const before = await row();
      const released = before !== undefined && 'isReleased' in before;
      const holding = before !== undefined && !released && holder && one.does !== 'take' ? holder : undefined;
      const by = holding?.by ?? one.by;
      const identity: Identity = holding?.identity ?? { schema, name, ownerName: `${one.by}-${(ids += 1)}`, acquisitionId: `acquisition-${ids}`, ttlName };
      const next = `rvn-${(ids += 1)}`;
      const request = (stale: boolean): LockRequest => {
        const version = stale ? 'a version of yesterday' : rvn;
        const java = { schema, key: primary, ownerName: identity.ownerName };
        if (!holding) return acquire(one, { version, before: before && (stale ? { ...before, recordVersionNumber: version } : before), identity, next, by });
        switch (one.does) {
          case 'keep': return by === 'java' ? javaKeep(java, version, one.data) : keepRequest(identity, version, { rvn: next, data: one.data, ttl: ttlName && 2e9 });
          case 'delete': return by === 'java' ? javaDelete(java, version) : deleteRequest(identity, version);
          default: {
            const renewal = { leaseMs: one.leaseMs, data: one.dropData ? null : one.data };
            return by === 'java' ? javaHeartbeat(java, version, { ...renewal, next }) : heartbeatRequest(identity, version, { ...renewal, rvn: next, touchedAt: dated ? 1.7e12 : undefined });
          }
        }
      };
      // Every write that names a version is refused when that is another one.
      const versioned = holding !== undefined || (before !== undefined && (!released || (one.consistent && !(one.blind && by === 'node'))));
      if (versioned) expect(await send(request(true))).toBe(false);
      expect(await send(request(false))).toBe(true);
      const did = holding ? one.does : before === undefined ? 'new' : released ? 'released' : 'expired';
      met.add(`${by} ${did} ${before === undefined || holding ? '' : writerOf(before)}`.trim());

      const after = await row();
      if (did === 'delete') {
        expect(after).toBeUndefined();
        holder = undefined;
        continue;
      }
      if (!after) throw new Error('the row is gone');
      // What is written, is a lock for both, and the same.
      const read = readRow(after, schema);
      const asJava = readJava(schema, after);
      if (read.kind === 'invalid') throw new Error(read.problem);
      const additional = Object.keys(asJava.additional).filter((attribute) => attribute !== sortKeyName);
      expect(asJava).toMatchObject({ ownerName: read.row.ownerName, leaseMs: read.row.leaseMs, rvn: read.row.rvn, isReleased: read.row.released, data: read.row.data });
      expect(additional.filter((attribute) => !['acquisitionId', 'fencingToken', 'lastTouchedAt', 'lastTouchedVersion'].includes(attribute)).sort()).toEqual(Object.keys(read.row.attributes).sort());
      expect(after.leaseDuration).toMatch(/^[1-9]\d*$/);
      expect([undefined, '1']).toContain(after.isReleased);
      expect(read.row.released).toBe(did === 'keep');
      expect(read.row.ownerName).toBe(identity.ownerName);
      // Java alone leaves the version at a release.
      expect(read.row.rvn === rvn).toBe(did === 'keep' && by === 'java');
      rvn = read.row.rvn;
      if (did === 'heartbeat') expect(read.row.data).toEqual(one.dropData ? undefined : one.data ?? data);
      if (did === 'keep') expect(read.row.data).toEqual(one.data ?? data);
      if (!['heartbeat', 'keep'].includes(did)) {
        // An update without data leaves what is there.
        const kept = one.keepData || (one.mode === 'update' && one.data === undefined) || (by === 'node' && exclusive && one.data === undefined);
        const looked = by === 'java' || !one.blind || released || did === 'expired';
        if (looked) expect(read.row.data).toEqual((kept ? seen(before) : undefined) ?? one.data);
        for (const [attribute, value] of Object.entries(one.attributes)) expect(after[attribute]).toEqual(value);
        if (by === 'node' && exclusive) expect(read.row.fencingToken).toBe(((before?.fencingToken as number | undefined) ?? 0) + 1);
        if (by === 'node' && ttlName !== undefined) expect(after).not.toHaveProperty(ttlName);
      }
      data = read.row.data;
      holder = { by, identity };
    }
  }), { numRuns: 60 });
  // Both did everything, to rows of both.
  for (const by of ['node', 'java']) {
    for (const did of ['new', 'heartbeat', 'keep', 'delete', 'released node', 'released java', 'expired node', 'expired java']) expect(met).toContain(`${by} ${did}`);
  }
});

const seen = (row: Row | undefined): Uint8Array | undefined => row?.data as Uint8Array | undefined;
const writerOf = (row: Row): string => String(row.ownerName).split('-')[0] as string;
