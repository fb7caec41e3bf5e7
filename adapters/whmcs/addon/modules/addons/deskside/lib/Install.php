<?php

namespace WHMCS\Module\Addon\Deskside;

use WHMCS\Database\Capsule;

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
    }

    public static function drop(): void
    {
        $schema = Capsule::schema();
        $schema->dropIfExists(Outbox::TABLE);
        $schema->dropIfExists(State::TABLE);
    }
}
