/**
 * The decorators of Nest that the SDK builds on, from their own files: the whole of the package brings 400 files with it,
 * which a plugin of the shell would wait for and has no use for. They only write metadata.
 */
export { Inject } from '@nestjs/common/decorators/core/inject.decorator.js';
export { Injectable } from '@nestjs/common/decorators/core/injectable.decorator.js';
export { Optional } from '@nestjs/common/decorators/core/optional.decorator.js';
export { Module } from '@nestjs/common/decorators/modules/module.decorator.js';
