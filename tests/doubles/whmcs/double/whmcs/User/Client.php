<?php

namespace WHMCS\User;

use Illuminate\Database\Eloquent\Model;

/**
 * An account: who owns services and tickets.
 */
class Client extends Model
{
    protected $table = 'tblclients';

    public $timestamps = false;

    protected $guarded = [];
}
