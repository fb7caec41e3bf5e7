<?php

namespace WHMCS\User;

use Illuminate\Database\Eloquent\Model;

/**
 * Who logs in; not an account.
 */
class User extends Model
{
    protected $table = 'tblusers';

    public $timestamps = false;

    protected $guarded = [];
}
