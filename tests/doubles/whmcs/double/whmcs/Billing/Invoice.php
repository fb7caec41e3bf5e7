<?php

namespace WHMCS\Billing;

use Illuminate\Database\Eloquent\Model;

/**
 * An invoice, as the `invoice` of InvoicePaid.
 */
class Invoice extends Model
{
    protected $table = 'tblinvoices';

    public $timestamps = false;

    protected $guarded = [];
}
