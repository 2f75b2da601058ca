import type { MappingSettings } from './service-definition';

/** The names that the framework gives to the settings of a mapping; the others are Lambda's own. */
type StreamSettings = Partial<Omit<MappingSettings, 'maximumBatchingWindowInSeconds' | 'functionResponseTypes' | 'filterCriteria'>> & {
  readonly batchWindow?: number;
  readonly functionResponseType?: 'ReportBatchItemFailures';
  readonly filterPatterns?: readonly object[];
};

/** The settings of a stream event, with the defaults that the framework and Lambda have where the file says nothing. */
export const mappingSettings = (stream: object): MappingSettings => {
  const settings: StreamSettings = stream;
  return {
    batchSize: settings.batchSize ?? 10,
    maximumBatchingWindowInSeconds: settings.batchWindow ?? 0,
    parallelizationFactor: settings.parallelizationFactor ?? 1,
    maximumRetryAttempts: settings.maximumRetryAttempts ?? -1,
    maximumRecordAgeInSeconds: settings.maximumRecordAgeInSeconds ?? -1,
    bisectBatchOnFunctionError: settings.bisectBatchOnFunctionError ?? false,
    functionResponseTypes: settings.functionResponseType === undefined ? [] : [settings.functionResponseType],
    startingPosition: settings.startingPosition ?? 'TRIM_HORIZON',
    ...(settings.filterPatterns === undefined ? {} : { filterCriteria: { filters: settings.filterPatterns.map((pattern) => ({ pattern: JSON.stringify(pattern) })) } }),
  };
};
