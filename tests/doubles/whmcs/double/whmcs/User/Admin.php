<?php

namespace WHMCS\User;

use Illuminate\Database\Eloquent\Model;

/**
 * An agent or an owner.
 */
class Admin extends Model
{
    protected $table = 'tbladmins';

    public $timestamps = false;

    protected $guarded = [];
}
