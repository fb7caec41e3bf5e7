<?php

namespace WHMCS\Module\Addon\Deskside;

use WHMCS\Database\Capsule;
use WHMCS\Module\Addon\Deskside\Knowledge\Gate;
use WHMCS\Module\Addon\Deskside\Knowledge\Own;

/**
 * The addon's own tables. Nothing of WHMCS's is changed. Times are seconds since 1970, so that no time zone matters.
 */
final class Install
{
    public static function create(): void
    {
        $schema = Capsule::schema();
        if (!$schema->hasTable(Outbox::TABLE)) {
            $schema->create(Outbox::TABLE, function ($table) {
                $table->increments('id');
                $table->string('event_id', 64)->unique();
                $table->string('event', 40);
                $table->text('body');
                $table->integer('tries')->default(0);
                $table->bigInteger('created_at');
                $table->bigInteger('next_at');
                $table->bigInteger('sent_at')->nullable();
                $table->string('last_error', 190)->default('');
                $table->index(['sent_at', 'next_at']);
            });
        }
        if (!$schema->hasTable(State::TABLE)) {
            $schema->create(State::TABLE, function ($table) {
                $table->string('name', 40)->primary();
                $table->text('value');
            });
        }
        self::knowledge($schema);
    }

    /** What is known of the articles stays: they do, too, and only with it can they be told from other people's. */
    public static function drop(): void
    {
        $schema = Capsule::schema();
        $schema->dropIfExists(Gate::NONCES);
        $schema->dropIfExists(Outbox::TABLE);
        $schema->dropIfExists(State::TABLE);
    }

    /** @param object $schema */
    private static function knowledge($schema): void
    {
        if (!$schema->hasTable(Own::ARTICLES)) {
            $schema->create(Own::ARTICLES, function ($table) {
                $table->integer('article_id')->primary();
                $table->string('marker', 64)->unique();
                $table->string('language', 40);
                $table->integer('category_id');
                $table->boolean('private');
                $table->bigInteger('created_at');
            });
        }
        if (!$schema->hasTable(Own::TEXTS)) {
            $schema->create(Own::TEXTS, function ($table) {
                $table->integer('article_id');
                $table->string('language', 40);
                $table->string('tag', 16);
                $table->boolean('draft');
                $table->text('title');
                $table->mediumText('article');
                $table->primary(['article_id', 'language']);
            });
        }
        if (!$schema->hasTable(Own::CATEGORIES)) {
            $schema->create(Own::CATEGORIES, function ($table) {
                $table->string('kind', 8)->primary();
                $table->integer('category_id');
            });
        }
        if (!$schema->hasTable(Gate::NONCES)) {
            $schema->create(Gate::NONCES, function ($table) {
                $table->string('id', 64)->primary();
                $table->bigInteger('at')->index();
            });
        }
    }
}
