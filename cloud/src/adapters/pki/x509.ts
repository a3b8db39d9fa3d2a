/** @peculiar/x509 resolves its parts through tsyringe, which needs this polyfill to be there first. */
import 'reflect-metadata';

export * from '@peculiar/x509';
