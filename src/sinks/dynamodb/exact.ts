import { BatchExecuteStatementCommand, GetCommand, QueryCommand, ScanCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { exactNumber } from '../../decimal';

/*
 * The document client reads numbers as it was set up to: as doubles that lose digits, in a wrapper, or it throws,
 * which for a write comes too late: the item is changed by then. These commands read numbers without loss, the same
 * as items of refused writes are read, whatever the client's options are.
 */

type Configured = { readonly translateConfig?: { readonly unmarshallOptions?: object } };

/** A configuration of a document client, but for numbers. */
export const exactly = <C extends object>(configuration: C): C => {
  const { translateConfig } = configuration as Configured;
  const unmarshallOptions = { ...translateConfig?.unmarshallOptions, wrapNumbers: (text: string) => exactNumber(text) ?? text };
  return { ...configuration, translateConfig: { ...translateConfig, unmarshallOptions } };
};

export class ExactGetCommand extends GetCommand {
  override resolveMiddleware(...[stack, configuration, options]: Parameters<GetCommand['resolveMiddleware']>): ReturnType<GetCommand['resolveMiddleware']> {
    return super.resolveMiddleware(stack, exactly(configuration), options);
  }
}

export class ExactUpdateCommand extends UpdateCommand {
  override resolveMiddleware(...[stack, configuration, options]: Parameters<UpdateCommand['resolveMiddleware']>): ReturnType<UpdateCommand['resolveMiddleware']> {
    return super.resolveMiddleware(stack, exactly(configuration), options);
  }
}

/** One number that no double holds would spoil a whole page. */
export class ExactScanCommand extends ScanCommand {
  override resolveMiddleware(...[stack, configuration, options]: Parameters<ScanCommand['resolveMiddleware']>): ReturnType<ScanCommand['resolveMiddleware']> {
    return super.resolveMiddleware(stack, exactly(configuration), options);
  }
}

export class ExactQueryCommand extends QueryCommand {
  override resolveMiddleware(...[stack, configuration, options]: Parameters<QueryCommand['resolveMiddleware']>): ReturnType<QueryCommand['resolveMiddleware']> {
    return super.resolveMiddleware(stack, exactly(configuration), options);
  }
}

type Batch = BatchExecuteStatementCommand;

/** One old item that cannot be read would spoil the answers to all statements. */
export class ExactBatchExecuteStatementCommand extends BatchExecuteStatementCommand {
  override resolveMiddleware(...[stack, configuration, options]: Parameters<Batch['resolveMiddleware']>): ReturnType<Batch['resolveMiddleware']> {
    return super.resolveMiddleware(stack, exactly(configuration), options);
  }
}
